import type { Logger } from 'pino'
import { outageLog } from './connection-log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Tier } from './queries/results.ts'
import type { TieredResultsOptions } from './queries/tiered-results.ts'

/** Counts every failure of a tier, and tells of an outage and its end. */
export function tierLog(
  logger: Logger,
  metrics: Metrics,
): Pick<TieredResultsOptions, 'onTierFailed' | 'onTierAnswered' | 'onOffered' | 'onLookUp'> {
  const tell = (tier: Tier) =>
    outageLog(logger, `the ${tier} does not answer: the next tier is asked`, `the ${tier} answers again`)
  const tiers = { snapshot: tell('snapshot'), projection: tell('projection'), replay: tell('replay') }
  const offers = outageLog(
    logger,
    'no snapshot can be left for others: results come from the projection',
    'snapshots can be left for others again',
  )
  return {
    onTierFailed: (tier, error) => {
      metrics.tierFailed(tier)
      tiers[tier](error as Error)
    },
    onTierAnswered: (tier) => tiers[tier](),
    onLookUp: (outcome) => metrics.lookUps.add(outcome),
    onOffered: (error) => {
      if (error) metrics.tierFailed('snapshot')
      offers(error)
    },
  }
}
