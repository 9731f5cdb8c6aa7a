/** Parts of a world that are taken away and brought back, each in every way. */
import { expect } from 'vitest'
import type { PostgresServer } from '../support/world/postgres-server.ts'
import type { SupervisedProcess } from '../support/world/supervised-process.ts'

/** SIGKILL; SIGSTOP, so that its connections stay open and nothing comes; asked to end, as a deployment does. */
export const ways = ['killed', 'paused', 'restarted'] as const
export type Way = (typeof ways)[number] | 'killed and emptied'

/** Whoever can be taken away: a server or a process of the program. */
export type Part = SupervisedProcess | PostgresServer

const START_MS = 60_000

/** Returns when it is away. */
export async function takeAway(part: Part, way: Way): Promise<void> {
  switch (way) {
    case 'killed':
      return await part.kill()
    case 'paused':
      return part.pause()
    case 'restarted':
      expect(await part.stop(), 'it ends when it is asked to').not.toBe(false)
      return
    case 'killed and emptied':
      await part.kill()
      if ('empty' in part) await part.empty!()
      return
    default:
      way satisfies never
  }
}

/** Returns when it is there again, which does not mean that it has recovered. */
export async function bringBack(part: Part, way: Way): Promise<void> {
  if (way === 'paused') return part.resume()
  await part.start()
  if ('started' in part) await part.started(START_MS)
}
