import { isDeepStrictEqual } from 'node:util'
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import type { EventLog, Position } from '../../events/event-log.ts'
import type { Difference } from '../diff-aggregates.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import { CATEGORY_AGGREGATE, type ProjectionStore } from '../projection-store.ts'
import type { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { SUBMISSIONS } from '../submission-rows/write-rows.ts'
import { compareRows } from '../verify/compare-rows.ts'
import { type CompareOptions, compareWithReplay } from '../verify/compare-with-replay.ts'
import { stretchesOf } from '../verify/stretches.ts'
import type { VersionOf } from './build-jobs.ts'

/** What came of comparing a version with a replay. */
export interface Verified {
  readonly position: Position
  readonly differences: number
  /** The first of them, with their polls. */
  readonly some: readonly (Difference & { readonly poll: string })[]
}

export interface VerifySources {
  readonly log: Pick<EventLog, 'readAll' | 'readStream'>
  readonly store: Pick<ProjectionStore, 'load'>
  readonly periods: Pick<PeriodStore, 'rowsOfMonths' | 'everything'>
  readonly rows: Pick<SubmissionRowsStore, 'aggregates' | 'checkpoint' | 'whole' | 'digest'>
}

const TOLD = 20

/**
 * Compares a version that stands still with a fold of the whole log, one event after the other: nothing of it is made
 * the way the version was.
 * @param position where a version of rows stands; that of results is read with them
 */
export async function verifyVersion(
  { log, store, periods, rows }: VerifySources,
  { projection, version, position }: VersionOf & { readonly position: Position },
  options: CompareOptions,
): Promise<Verified> {
  const compared =
    projection === CATEGORY_AGGREGATE
      ? {
          results: await store.load(version).then(({ checkpoint, fold }) => ({
            position: checkpoint,
            polls: fold.polls,
          })),
          periods: await stretchesOf(periods, { wanted: version, signal: options.signal }),
          rows: [],
        }
      : { periods: [], rows: await rowsAt(rows, version, [position / 2n, position]) }
  const { polls } = await compareWithReplay(log, compared, options)
  const sums = polls.flatMap(({ poll, differences }) => differences.map((each) => ({ ...each, poll })))
  const isExcused =
    sums.length > 0 && projection === SUBMISSIONS && (await isLikeLive(rows, version, position))
  const all = isExcused ? [] : sums
  if (projection === SUBMISSIONS && all.length === 0)
    all.push(...(await otherRows({ log, rows }, version, position, options)))
  return { position, differences: all.length, some: all.slice(0, TOLD) }
}

/**
 * The rows one by one. Where the live version has the very same, which was written one event after the other, that is
 * enough, and quick; else the log tells who is right.
 */
async function otherRows(
  { log, rows }: Pick<VerifySources, 'log' | 'rows'>,
  version: number,
  position: Position,
  options: CompareOptions,
): Promise<(Difference & { readonly poll: string })[]> {
  if ((await rows.checkpoint()) >= position) {
    const [built, projected] = [await rows.digest(position, version), await rows.digest(position)]
    if (built === projected) return []
  }
  const found = await compareRows(log, await rows.whole(position, version), options)
  return [...found].flatMap(([poll, differences]) => differences.map((each) => ({ ...each, poll })))
}

/**
 * Events that the fold counts and that fit no submission make no rows, whoever writes them. Where the rows that were
 * written one event after the other lack the same, nothing is wrong with these.
 */
async function isLikeLive(
  rows: VerifySources['rows'],
  version: number,
  position: Position,
): Promise<boolean> {
  if ((await rows.checkpoint()) < position) return false
  const [built, projected] = await Promise.all([
    rows.aggregates(position, version),
    rows.aggregates(position),
  ])
  return isDeepStrictEqual(built, projected)
}

/** Where a version stands. */
export async function checkpointOf(
  pool: DatabasePool,
  { projection, version }: VersionOf,
): Promise<Position> {
  const position = await pool.oneFirst(sql.unsafe`
    select position::text from projections where name = ${projection} and version = ${version}`)
  return BigInt(z.string().parse(position))
}

/** The rows tell of the past, too: half-way it must have been right as well. */
const rowsAt = (store: VerifySources['rows'], version: number, positions: readonly Position[]) =>
  Promise.all(
    positions.map(async (position) => ({ position, aggregates: await store.aggregates(position, version) })),
  )
