import { setTimeout as sleep } from 'node:timers/promises'
import type { Position } from '../events/event-log.ts'
import { InProcessBus } from '../events/in-process-bus.ts'
import { holdAdvisoryLock, locks } from '../postgres/advisory-lock.ts'
import { CategoryProjection } from '../projections/category-projection.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { Projector } from '../projections/projector.ts'
import type { ReadModel } from '../projections/read-model.ts'
import type { SnapshotStore } from '../projections/snapshot-store.ts'
import type { Services } from '../services.ts'
import type { Call } from './command.ts'
import { showProgress } from './progress.ts'
import { ProjectionStandsStill } from './projection-stands-still.ts'

const LOOK_EVERY_MS = 50

/** With no progress for so long, something is wrong that waiting does not mend. */
const PATIENCE_MS = 30_000
/** A snapshot is there at once, or not for a while: then the projection answers. */
const SNAPSHOT_WITHIN_MS = 2000

type Waiting = Pick<Call, 'signal' | 'terminal'>

interface Kept {
  /** What people know it as. */
  readonly what: string
  readonly model: ReadModel
  readonly lock: number
  /** How far it is, and whether everything up to there can be seen. @param active this process keeps it */
  readonly look: (active: boolean) => Promise<{ readonly checkpoint: Position; readonly shown: boolean }>
}

/** Keeps the results, for as long as a command runs. */
export const keepResults = (services: Services) => {
  const { marks, projections, periods, snapshots } = services
  const kept = keepProjecting(services, {
    what: 'results',
    model: new CategoryProjection({ log: services.commands.log, store: projections, snapshots, marks }),
    lock: locks.categoryAggregateProjector,
    look: async (active) => {
      const { checkpoint, fold } = await projections.load()
      return { checkpoint, shown: !active || (await haveSnapshots(snapshots, fold.polls.values())) }
    },
  })
  /** The periods come with the results, but for a history that is older than they are: that is made up for by and by. */
  const periodsCaughtUp = (call: Waiting) =>
    kept.caughtUp(call, async () => ({ checkpoint: await periods.checkpoint(), shown: true }))
  return { ...kept, periodsCaughtUp }
}

/** Keeps the rows of submissions, for as long as a command runs. */
export const keepSubmissions = (services: Services) =>
  keepProjecting(services, {
    what: 'submissions',
    model: services.submissionsProjection,
    lock: locks.submissionsProjector,
    look: async () => ({ checkpoint: await services.submissionRows.checkpoint(), shown: true }),
  })

/**
 * A projector for as long as a command runs. Beside a running service it is a standby and does nothing; without one
 * nobody would project what has been imported meanwhile.
 */
function keepProjecting({ commands: { log }, databaseUrl }: Services, { what, model, lock, ...kept }: Kept) {
  const stopping = new AbortController()
  let lastError: Error | undefined
  let active = false
  const projector = new Projector({
    log,
    // Nobody publishes here: the projector reads everything from the log.
    bus: new InProcessBus(),
    model,
    hold: (signal) => holdAdvisoryLock(databaseUrl, lock, signal),
    onActive: (now) => {
      active = now
    },
    onError: (error) => {
      lastError = error
    },
  })
  const lookAtAll = () => kept.look(active)
  const running = projector.run(stopping.signal)

  /** Waits until the projection has come to where the log ends now. */
  const caughtUp = async ({ signal, terminal }: Waiting, look = lookAtAll): Promise<void> => {
    const head = await log.head()
    const { checkpoint: first } = await look()
    const progress = showProgress('events', terminal.stderr)
    let [last, moved] = [first, performance.now()]
    try {
      for (; !signal.aborted; await sleep(LOOK_EVERY_MS)) {
        const { checkpoint, shown } = await look()
        if (checkpoint !== last) [last, moved] = [checkpoint, performance.now()]
        const waited = performance.now() - moved
        if (checkpoint >= head && (shown || waited > SNAPSHOT_WITHIN_MS)) return
        if (waited > PATIENCE_MS) throw standsStill(what, checkpoint, head, lastError)
        const done = Number(checkpoint - first)
        progress.update(head > first ? done / Number(head - first) : 1, done)
      }
    } finally {
      progress.stop()
    }
    signal.throwIfAborted()
  }

  const stop = async (): Promise<void> => {
    stopping.abort()
    await running
  }
  return { caughtUp, stop }
}

const standsStill = (
  what: string,
  checkpoint: Position,
  head: Position,
  cause: Error | undefined,
): ProjectionStandsStill =>
  new ProjectionStandsStill(
    `The ${what} stand still at position ${checkpoint} of ${head}: ${cause?.message ?? 'the service that should keep them does not'}.`,
    { cause },
  )

/**
 * A snapshot is written just after the commit: until it is there, answers would come from the one before. Where the
 * store does not answer, they come from the projection.
 */
async function haveSnapshots(snapshots: SnapshotStore, polls: Iterable<PollAggregate>): Promise<boolean> {
  for (const { definition, position } of polls) {
    const found = await snapshots.get(definition.poll).catch(() => ({ position }))
    if ((found?.position ?? -1n) < position) return false
  }
  return true
}
