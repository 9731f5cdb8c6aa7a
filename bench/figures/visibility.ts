import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import { openNats } from '../../src/events/nats/open.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { RedisSnapshotStore } from '../../src/projections/redis-snapshot-store.ts'
import { check, judge } from '../harness.ts'
import { POLL, pollDefinition } from '../seed.ts'
import { type RunningServer, startNats, startRedis, startService } from '../servers.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

const PER_SECOND = 500
const PATIENCE_MS = 10_000

/**
 * How soon a submission that was acknowledged is in the snapshot of another process, with web, relay and projector
 * apart, NATS and Redis between them. These two figures are times, not ratios: read them on a machine that is idle.
 */
export const visibility: Benchmark = {
  name: 'visibility',
  measure: async (bench) => {
    const { rounds, seconds } = bench.sizes
    const databaseUrl = await bench.database('visibility')
    const [redis, nats] = [await startRedis(bench), await startNats(bench)]
    const env = { REDIS_URL: redis.url, NATS_URL: nats.url }
    const web = await startService(bench, databaseUrl, { ...env, ROLES: 'web' })
    await startService(bench, databaseUrl, { ...env, ROLES: 'relay' })
    await startService(bench, databaseUrl, { ...env, ROLES: 'projector' })
    const watcher = await watch(bench, databaseUrl, env)
    const body = await bodies()
    await submitSteadily(web, body, 1)
    watcher.times()
    const [medians, p99s]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await submitSteadily(web, body, seconds)
      await watcher.seen(acknowledged.at(-1)!.position)
      const waits = waitsOf(acknowledged, watcher.times())
      medians.push(waits[Math.floor(waits.length / 2)]!)
      p99s.push(waits[Math.floor(waits.length * 0.99)]!)
    }
    const what = `acknowledged → in the snapshot, at ${PER_SECOND} submissions/s`
    return [
      judge({ what: `${what}: median`, target: { atMost: 50 }, unit: 'ms' }, medians),
      judge({ what: `${what}: p99`, target: { atMost: 250 }, unit: 'ms' }, p99s),
    ]
  },
}

interface Moment {
  readonly position: bigint
  /** Milliseconds of this process's clock. */
  readonly at: number
}

/** Listens for snapshots as a web process does. */
async function watch(bench: Workbench, databaseUrl: string, env: { REDIS_URL: string; NATS_URL: string }) {
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 1 })
  const database = await new ProjectionStore(pool).identity()
  await pool.end()
  const nats = await openNats({ url: env.NATS_URL, id: database })
  const { announcements } = nats
  const snapshots = await RedisSnapshotStore.open({ url: env.REDIS_URL, database, announcements })
  bench.onEnd(async () => {
    await snapshots.close()
    await nats.close()
  })
  let seen: Moment[] = []
  snapshots.onChange(({ position }) => seen.push({ position, at: performance.now() }))
  return {
    /** Waits until a snapshot has come that far. */
    seen: async (position: bigint) => {
      const deadline = performance.now() + PATIENCE_MS
      while ((seen.at(-1)?.position ?? 0n) < position) {
        check(performance.now() < deadline, `no snapshot came to position ${position}`)
        await sleep(10)
      }
    },
    /** What came since the last time. */
    times: () => {
      const taken = seen
      seen = []
      return taken
    },
  }
}

/** From each acknowledgement to the first snapshot that holds it, the shortest first; milliseconds. */
function waitsOf(acknowledged: readonly Moment[], snapshots: readonly Moment[]): number[] {
  const waits = acknowledged.map(({ position, at }) => {
    const snapshot = snapshots.find((each) => each.position >= position)
    check(snapshot !== undefined, `position ${position} was never seen`)
    // The snapshot may be there before the acknowledgement.
    return Math.max(0, snapshot.at - at)
  })
  return waits.sort((a, b) => a - b)
}

async function bodies(): Promise<() => string> {
  const definition = await pollDefinition()
  const different = Array.from({ length: 100 }, (_, index) =>
    JSON.stringify({ allocation: simulateAllocation(definition, seededRandom(`visible-${index}`)) }),
  )
  let next = 0
  return () => different[next++ % different.length]!
}

/** Submits at a steady rate, however long the answers take. @returns in the order of their positions */
async function submitSteadily(
  { url }: RunningServer,
  body: () => string,
  seconds: number,
): Promise<Moment[]> {
  const started = performance.now()
  const answers: Promise<Moment>[] = []
  const total = PER_SECOND * seconds
  while (answers.length < total) {
    const due = Math.min(total, ((performance.now() - started) * PER_SECOND) / 1000)
    while (answers.length < due) answers.push(submit(url, body()))
    await sleep(1)
  }
  return (await Promise.all(answers)).sort((a, b) => Number(a.position - b.position))
}

async function submit(url: string, body: string): Promise<Moment> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/api/polls/${POLL}/submissions`, { method: 'POST', headers, body })
  const at = performance.now()
  const { position } = (await response.json()) as { position: string }
  check(response.status === 201, `a submission was answered with ${response.status}`)
  return { position: BigInt(position), at }
}
