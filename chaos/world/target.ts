import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultKind, Target } from '../plan.ts'
import type { PostgresServer } from './postgres-server.ts'
import type { SupervisedProcess } from './supervised-process.ts'

/** Somebody who can be hit. */
export interface HittableTarget extends Target {
  /** Hits it, waits for so long, and lets it go on. Returns when it has been told to. */
  hit(kind: FaultKind, ms: number): Promise<void>
}

type Acts = Partial<Record<FaultKind, (ms: number) => Promise<void>>>

const target = (name: string, acts: Acts): HittableTarget => ({
  name,
  kinds: Object.keys(acts) as FaultKind[],
  hit: async (kind, ms) => await acts[kind]?.(ms),
})

interface Extras {
  /** Removes what a server has on disk. */
  readonly empty?: () => Promise<void>
  /** Told when it was asked to end and did not. */
  readonly onDeaf: (name: string) => void
  /** Messages that stand for faults. */
  readonly messages?: readonly FaultKind[]
}

/** A process of its own. */
export function processTarget(process: SupervisedProcess, { empty, onDeaf, messages = [] }: Extras) {
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

export const postgresTarget = (server: PostgresServer): HittableTarget =>
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
