import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { FOLD_VERSION } from '../../projections/fold.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import type { RangeAnswer } from '../../queries/ranges/range-fold.ts'
import { rangeFromLine, rangeToLine } from '../../queries/ranges/stored-range.ts'
import { Misuse } from '../exit-codes.ts'

/** What a replay is about: a file of another one is of no use to it. */
export interface ReplayOf {
  readonly poll: string
  readonly asOf: string | undefined
  readonly periods: boolean
}

const Head = z.strictObject({
  taxbudget: z.literal('replay'),
  fold: z.int(),
  poll: z.string(),
  openedAt: z.string(),
  upTo: z.string().regex(/^\d+$/),
  asOf: z.string().optional(),
  periods: z.boolean(),
})

/**
 * The ranges that are done, a line each, written as they are done: whoever is killed loses what was under way. The
 * first line tells what they are of, and where the replay ends: it goes on to the same end.
 */
export class ResumeFile {
  readonly path: string
  readonly upTo: bigint
  readonly done: readonly RangeAnswer[]

  private constructor(path: string, upTo: bigint, done: readonly RangeAnswer[]) {
    this.path = path
    this.upTo = upTo
    this.done = done
  }

  /** Goes on with the file, or begins it. @throws {Misuse} it is of another replay, or no such file at all */
  static async open(
    path: string,
    of: ReplayOf,
    { openedAt, head }: Pick<PollAggregate, 'openedAt'> & { readonly head: bigint },
  ): Promise<ResumeFile> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    if (text === undefined) {
      const first = {
        taxbudget: 'replay',
        fold: FOLD_VERSION,
        ...of,
        openedAt: `${openedAt}`,
        upTo: `${head}`,
      }
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, `${JSON.stringify(first)}\n`)
      return new ResumeFile(path, head, [])
    }
    const [first = '', ...lines] = text.split('\n')
    const upTo = endIn(first, path, of, openedAt)
    // The last line may have been cut off, and one that is broken is folded anew.
    const done = lines.flatMap(readable)
    if (!text.endsWith('\n')) await appendFile(path, '\n')
    return new ResumeFile(path, upTo, done)
  }

  async add(answer: RangeAnswer): Promise<void> {
    await appendFile(this.path, `${rangeToLine(answer)}\n`)
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

function endIn(first: string, path: string, of: ReplayOf, openedAt: bigint): bigint {
  const head = Head.safeParse(parsed(first))
  if (!head.success) throw new Misuse(`${path} is no file of a replay.`)
  const { fold, poll, asOf, periods, upTo } = head.data
  if (fold !== FOLD_VERSION || head.data.openedAt !== `${openedAt}`)
    throw new Misuse(`${path} was made by another version of this program, or of another log.`)
  if (poll !== of.poll || asOf !== of.asOf || periods !== of.periods)
    throw new Misuse(
      `${path} is of another replay: of ${poll}${asOf ? ` up to ${asOf}` : ''}, ${periods ? 'by periods' : 'as a whole'}.`,
    )
  return BigInt(upTo)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readable(line: string): RangeAnswer[] {
  try {
    return [rangeFromLine(line)]
  } catch {
    return []
  }
}
