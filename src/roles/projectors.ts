import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { outageLog } from '../connection-log.ts'
import { holdAdvisoryLock, locks } from '../postgres/advisory-lock.ts'
import { describeChange, foldChange } from '../projections/builds/changed-fold.ts'
import type { BuildableName } from '../projections/builds/read-models.ts'
import { CategoryProjection } from '../projections/category-projection.ts'
import type { Source } from '../projections/feed.ts'
import { CATEGORY_AGGREGATE } from '../projections/projection-store.ts'
import { Projector, type ProjectorOptions } from '../projections/projector.ts'
import type { ReadModel } from '../projections/read-model.ts'
import { SUBMISSIONS } from '../projections/submission-rows/write-rows.ts'
import type { Services } from '../services.ts'
import { projectedLog } from './projected-log.ts'
import type { ProjectorHealth } from './projector-health.ts'

/** What all projectors of a process have in common. */
export interface ProjectorSurroundings {
  readonly services: Services
  readonly logger: Logger
  /** Where events come from as long as all is well: nobody else speaks on a bus that is in this process. */
  readonly usualSource: Source
}

/** Keeps the results: the CategoryAggregate and its snapshots. */
export function resultsProjector(surroundings: ProjectorSurroundings, health: ProjectorHealth): Projector {
  const { services, logger } = surroundings
  const { databaseUrl, metrics, projections, snapshots } = services
  const model = new CategoryProjection({
    log: services.commands.log,
    store: projections,
    snapshots,
    marks: services.marks,
    onSeen: services.guard.seen,
    onShown: outageLog(
      logger,
      'snapshots cannot be written: results come from the projection',
      'snapshots are written again',
    ),
    onPeriods: ({ written, leftOut }) => {
      metrics.periods(written, leftOut)
      if (leftOut > 0)
        logger.warn({ leftOut }, 'periods are left out: the partitions of their months are detached')
    },
  })
  const told = tell(surroundings, model, health)
  const logProjected = projectedLog(logger)
  return new Projector({
    ...told,
    hold: async (until) => {
      await madeByThisFold(services, CATEGORY_AGGREGATE, health, until)
      return await holdAdvisoryLock(databaseUrl, locks.categoryAggregateProjector, until)
    },
    onActive: (active) => {
      told.onActive(active)
      if (!active) snapshots.abandon()
    },
    onParked: ({ event, error, again }) => {
      if (!again) metrics.parked()
      const what = again ? 'an event that was tried again stays parked' : 'an event is parked'
      logger.error({ position: String(event.position), type: event.type, error }, what)
    },
    onCommitted: (events) => {
      told.onCommitted(events)
      logProjected(events)
    },
  })
}

/** Keeps the rows of submissions. */
export function submissionsProjector(
  surroundings: ProjectorSurroundings,
  health: ProjectorHealth,
): Projector {
  const { services, logger } = surroundings
  return new Projector({
    ...tell(surroundings, services.submissionsProjection, health),
    hold: async (until) => {
      await madeByThisFold(services, SUBMISSIONS, health, until)
      await resultsAreThere(services, until)
      return await holdAdvisoryLock(services.databaseUrl, locks.submissionsProjector, until)
    },
    onParked: ({ event, error }) =>
      logger.error(
        { position: String(event.position), type: event.type, error },
        'an event does not fit its submission, and makes no row',
      ),
  })
}

/** What log, metrics and /readyz are told of any projector. */
function tell(
  { services, logger, usualSource }: ProjectorSurroundings,
  model: ReadModel,
  health: ProjectorHealth,
) {
  const { commands, messaging, metrics } = services
  const projection = { projection: model.name }
  metrics.projecting(false, model.name)
  const fedBy = (source: Source) => {
    health.fedBy(source)
    metrics.followsLog(source === 'log', model.name)
  }
  return {
    log: commands.log,
    bus: messaging.bus,
    model,
    onActive: (active: boolean) => {
      health.active(active)
      metrics.projecting(active, model.name)
      logger.info({ active, ...projection }, active ? 'projecting' : 'no longer projecting')
      if (active) fedBy(usualSource)
    },
    onSource: (source: Source) => {
      fedBy(source)
      if (source === 'log')
        logger.warn(projection, 'the bus does not bring what is in the log: following the log itself')
      else logger.info(projection, 'the bus brings everything again')
    },
    onCommitted: (events: readonly unknown[]) => {
      health.progressed()
      metrics.projected(events.length, model.name)
    },
    onError: (error: Error) => {
      health.failed(error)
      logger.warn({ err: error, ...projection }, 'the projector starts anew')
    },
  } satisfies Omit<ProjectorOptions, 'hold'>
}

const LOOK_EVERY_MS = 500
const LOOK_FOR_FOLD_MS = 1000

/**
 * What another fold has made is left to the programs that have it: as long as one of them runs, it keeps the results
 * moving while the next version is built.
 */
async function madeByThisFold(
  { builds }: Services,
  name: BuildableName,
  health: ProjectorHealth,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const change = await foldChange(builds.operations, name)
    health.waitsFor(change.kind === 'none' ? undefined : describeChange(change))
    if (change.kind === 'none') return
    await sleep(LOOK_FOR_FOLD_MS, undefined, { signal })
  }
}

/** After a rebuild, or a long absence, the results come first: rows may wait. */
async function resultsAreThere(services: Services, signal: AbortSignal): Promise<void> {
  const { builds, commands, projections } = services
  const head = await commands.log.head()
  while ((await projections.checkpoint()) < head) {
    // Results that stand still until they are rebuilt are not waited for.
    if ((await foldChange(builds.operations, CATEGORY_AGGREGATE)).kind !== 'none') return
    await sleep(LOOK_EVERY_MS, undefined, { signal })
  }
}
