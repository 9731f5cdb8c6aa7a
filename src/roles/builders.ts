import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { BuilderEvent } from '../projections/builds/builder.ts'
import { describeChange, foldChange, rebuildForChange } from '../projections/builds/changed-fold.ts'
import { buildableNames } from '../projections/builds/read-models.ts'
import type { Services } from '../services.ts'

/** Builds whatever is to be built, beside the projectors, until `signal` aborts. */
export async function runBuilders(
  config: Pick<Config, 'rebuild'>,
  { builds }: Pick<Services, 'builds'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const running = buildableNames.map((name) => builds.builder(name, builderLog(logger)).run(signal))
  for (const name of buildableNames)
    await lookAtFold(config, builds, logger, name).catch((error: Error) =>
      logger.warn({ err: error, projection: name }, 'whether it has to be rebuilt cannot be said'),
    )
  await Promise.all(running)
}

async function lookAtFold(
  { rebuild }: Pick<Config, 'rebuild'>,
  { operations }: Services['builds'],
  logger: Logger,
  name: (typeof buildableNames)[number],
): Promise<void> {
  const change = await foldChange(operations, name)
  if (change.kind === 'none') return
  logger.warn({ projection: name }, describeChange(change))
  if (rebuild !== 'auto') return
  const begun = await rebuildForChange(operations, change)
  if (begun)
    logger.info({ projection: name, version: begun.version }, 'a rebuild is begun, as the fold has changed')
}

const builderLog = (logger: Logger) => (event: BuilderEvent) => {
  const { projection, version, what } = event
  const of = { projection, version }
  switch (what) {
    case 'failed':
      return logger[event.final ? 'error' : 'warn']({ ...of, err: event.error }, 'building fails')
    case 'differs':
      return logger.error({ ...of, verified: plain(event.verified) }, 'what was built differs from a replay')
    default:
      return logger.info(of, texts[what])
  }
}

const plain = ({ position, ...verified }: Extract<BuilderEvent, { what: 'differs' }>['verified']) => ({
  position: String(position),
  ...verified,
})

const texts = {
  'taken up': 'a version is being built',
  'given back': 'a version is no longer being built here',
  filled: 'the version is filled, and follows the log',
  ready: 'the version is the same as a replay: it is ready',
  promoted: 'the version is the live one now',
  'taken away': 'a version that nobody reads any more is taken away',
} as const
