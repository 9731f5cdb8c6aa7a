import { setTimeout as sleep } from 'node:timers/promises'
import type { LogMarks } from '../../events/log-marks.ts'
import type { Look } from '../../projections/replicas/look.ts'
import type { ReplicaLook } from '../../projections/replicas/replica.ts'
import { sentences, verdictOn } from '../../projections/replicas/verdict.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { bytes, duration, failed, fine, judged } from '../words.ts'
import { type ExaminedServer, serverCheck } from './servers.ts'

export interface ExaminedReplica {
  /** Its host and port. */
  readonly name: string
  /** @throws one sentence on what is wrong with it */
  readonly examine: ExaminedServer['examine']
  readonly look: () => Promise<ReplicaLook>
}

export interface ExaminedPrimary {
  readonly look: () => Promise<Look>
  /** Its log; undefined where that is not in PostgreSQL. */
  readonly marks: Pick<LogMarks, 'at'> | undefined
}

/** Seconds. One that is a second behind is passed over by those who read. */
const LAG = { warnAt: 10, failAt: 300 }
/** Who is behind at one moment may only be a moment behind. */
const LOOK_AGAIN_MS = 1000
const DEADLINE_MS = 15_000

/** Whether a replica answers, follows the primary, and how far it is behind. */
export const replicaCheck = (replica: ExaminedReplica, primary: ExaminedPrimary): Check => {
  const name = `replica ${replica.name}`
  const server = serverCheck({ name, version: '15 or newer', examine: replica.examine })
  return {
    ...server,
    deadlineMs: DEADLINE_MS,
    look: async (signal) => {
      const answers = [await server.look(signal)].flat()
      if (answers.some(({ status }) => status === 'failed')) return answers
      return [...answers, ...(await standing(name, replica, primary, signal))]
    },
  }
}

async function standing(
  name: string,
  replica: ExaminedReplica,
  primary: ExaminedPrimary,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const told = { name: `${name}: follows`, expected: 'follows the database of DATABASE_URL' }
  const written = await primary.look().catch(() => undefined)
  if (!written)
    return [failed({ ...told, actual: 'the primary does not answer' }, 'See what is said of PostgreSQL.')]
  const verdict = await verdictOn(await replica.look(), written, primary.marks)
  if (verdict === 'promoted' || verdict === 'no copy' || verdict === 'diverged')
    return [
      failed(
        { ...told, actual: sentences[verdict] },
        'Until then it is not read. docs/replicas.md says more.',
      ),
    ]
  return [fine({ ...told, actual: 'it does' }), await lag(name, replica, written, signal)]
}

async function lag(
  name: string,
  replica: ExaminedReplica,
  { lsn: written }: Look,
  signal: AbortSignal,
): Promise<CheckResult> {
  let look = await replica.look()
  if (look.lsn < written) {
    await sleep(LOOK_AGAIN_MS, undefined, { signal })
    look = await replica.look()
  }
  const told = { name: `${name}: lag`, expected: `under ${LAG.warnAt} s` }
  if (look.lsn >= written) return fine({ ...told, actual: 'level with the primary' })
  const seconds = look.idleSeconds ?? Number.POSITIVE_INFINITY
  const since = look.idleSeconds === undefined ? 'from the beginning' : `for ${duration(seconds)}`
  return judged(
    { ...told, actual: `${bytes(Number(written - look.lsn))} behind, ${since}` },
    seconds,
    LAG,
    'Until it has caught up others are read. See that its replay is not paused, and to its disk and its connection.',
  )
}
