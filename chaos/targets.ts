/** Who of a world can be hit, and what becomes of them then. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresServer } from '../tests/support/world/postgres-server.ts'
import type { SupervisedProcess } from '../tests/support/world/supervised-process.ts'
import type { World } from '../tests/support/world/world.ts'
import type { FaultKind, Target } from './plan.ts'

/** Somebody who can be hit. */
export interface HittableTarget extends Target {
  /** Hits it, waits for so long, and lets it go on. Returns when it has been told to. */
  hit(kind: FaultKind, ms: number): Promise<void>
}

type Acts = Partial<Record<FaultKind, (ms: number) => Promise<void>>>

/** Told of somebody who was asked to end and did not. */
type OnDeaf = (name: string) => void

/** What the process of EventStoreDB does when it is told to. */
const EVENT_STORE_FAULTS = ['cut', 'elect', 'lose-answers', 'refuse'] as const

/** Everybody. */
export function targetsOf({ servers, members }: World, onDeaf: OnDeaf): readonly HittableTarget[] {
  const { postgres, redis, nats, eventStore } = servers
  return [
    postgresTarget(postgres),
    processTarget(redis, onDeaf),
    processTarget(nats, onDeaf),
    ...(eventStore ? [processTarget(eventStore, onDeaf, EVENT_STORE_FAULTS)] : []),
    ...Object.values(members)
      .flat()
      .map(({ process }) => processTarget(process, onDeaf)),
  ]
}

const target = (name: string, acts: Acts): HittableTarget => ({
  name,
  kinds: Object.keys(acts) as FaultKind[],
  hit: async (kind, ms) => await acts[kind]?.(ms),
})

/** @param messages that stand for faults */
function processTarget(process: SupervisedProcess, onDeaf: OnDeaf, messages: readonly FaultKind[] = []) {
  const { empty } = process
  const acts: Acts = {
    kill: async (ms) => {
      await process.kill()
      await sleep(ms)
      process.start()
    },
    pause: async (ms) => {
      process.pause()
      await sleep(ms)
      process.resume()
    },
    restart: async (ms) => {
      if (!(await process.stop())) onDeaf(process.name)
      await sleep(ms)
      process.start()
    },
  }
  if (empty)
    acts.empty = async (ms) => {
      await process.kill()
      await empty()
      await sleep(ms)
      process.start()
    }
  for (const message of messages)
    acts[message] = async (ms) => {
      process.send(message)
      if (ms === 0) return
      await sleep(ms)
      process.send('serve')
    }
  return target(process.name, acts)
}

const postgresTarget = (server: PostgresServer): HittableTarget =>
  target('postgres', {
    kill: async (ms) => {
      await server.kill()
      await sleep(ms)
      await server.start()
    },
    pause: async (ms) => {
      server.pause()
      await sleep(ms)
      server.resume()
    },
    restart: async (ms) => {
      await server.stop()
      await sleep(ms)
      await server.start()
    },
    crash: async () => server.crash(),
  })
