import { type BallotFile, type Row, UnusableFile } from '../../src/cli/import/ballot-file.ts'
import { openCsvFile } from '../../src/cli/import/csv-file.ts'
import { openPbFile } from '../../src/cli/import/pb-file.ts'

/** The time at which the tests take place. */
export const NOW = new Date('2026-11-23T10:00:00.000Z')

const now = () => NOW

async function* chunks(content: string | Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(content)
}

export const openPb = (content: string | Buffer, { normalise = false } = {}): Promise<BallotFile> =>
  openPbFile(chunks(content), { normalise, now })

export const openCsv = (content: string | Buffer): Promise<BallotFile> =>
  openCsvFile(() => chunks(content), { now })

/** A Pabulib file of three projects in two categories and 100 points; given are its votes, which begin at line 14. */
export const pbWith = (...votes: readonly string[]): string =>
  [
    'META',
    'key;value',
    'description;A small budget',
    'vote_type;cumulative',
    'date_begin;10.09.2022',
    'max_sum_points;100',
    'PROJECTS',
    'project_id;cost;name;category',
    'A;1;Trees;green',
    'B;1;Benches;green',
    'C;1;Courts;sport',
    'VOTES',
    'voter_id;vote;points',
    ...votes,
  ].join('\n')

/** The number of the line on which the first vote of `pbWith` stands. */
export const FIRST_VOTE = 14

/** Every row of the file, as `voter: shares` or `line: reason`. */
export async function rowsOf(file: BallotFile): Promise<string[]> {
  const rows: Row[] = await Array.fromAsync(file.rows())
  return rows.map((row) =>
    'ballot' in row
      ? `${row.ballot.voter}: ${row.ballot.shares.join(' ')}`
      : `line ${row.line}: ${row.reason}`,
  )
}

/** Why the file cannot be used. */
export async function refusal(opening: Promise<BallotFile>): Promise<string> {
  try {
    await rowsOf(await opening)
  } catch (error) {
    if (error instanceof UnusableFile) return error.message
    throw error
  }
  throw new Error('the file was taken')
}
