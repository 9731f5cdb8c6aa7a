import { z } from 'zod'
import { WHOLE } from '../../events/poll-events.ts'
import { type Ballot, type BallotFile, type Row, UnusableFile } from './ballot-file.ts'
import { splitFields, trimToWidth } from './fields.ts'
import { type Line, readLines } from './lines.ts'
import { uniqueSlugs } from './slug.ts'

/** The columns before the categories. */
const FIXED = ['submission', 'submitted_at'] as const
/** What an export has there: the pseudonym stands for the submission, and what follows the time is not needed. */
const EXPORTED = ['pseudonym', 'submitted_at', 'changed_at', 'position'] as const

interface Header {
  readonly labels: readonly string[]
  /** How many columns stand before the categories. */
  readonly fixed: number
}

/** How far a clock elsewhere may be ahead of this one. */
const TOLERANCE_MS = 24 * 60 * 60 * 1000

/** ISO 8601 to the second or finer; without a zone it is UTC. */
const Time = z.iso.datetime({ offset: true, local: true })

/**
 * A CSV file of submissions: `submission,submitted_at,<category…>`, shares in percent; or one that was exported.
 * @param open reads the file from its start; called once for the header and once for each reading of the rows
 * @throws {UnusableFile} the header is not one
 */
export async function openCsvFile(
  open: () => AsyncIterable<Buffer>,
  { now }: { now: () => Date },
): Promise<BallotFile> {
  const header = await readHeader(readLines(open()))
  const { labels } = header
  const ids = uniqueSlugs(labels)
  const rows = () => readRows(readLines(open()), header, now)
  return {
    title: undefined,
    currency: undefined,
    categories: labels.map((label, index) => ({ id: ids[index]!, label })),
    rejected: [],
    announced: undefined,
    opensAt: async () => (await earliest(rows())) ?? now().toISOString(),
    rows,
  }
}

async function readHeader(lines: AsyncIterable<Line>): Promise<Header> {
  for await (const { number, text, problem } of lines) {
    if (problem !== undefined) throw new UnusableFile(`Line ${number} ${problem}.`)
    if (text.trim() !== '') return checkHeader(text, number)
  }
  throw new UnusableFile('The file is empty.')
}

function checkHeader(text: string, line: number): Header {
  const split = splitFields(text, ',')
  if ('problem' in split) throw new UnusableFile(`Line ${line} ${split.problem}.`)
  const names = split.fields.map((name) => name.trim())
  const fixed = [EXPORTED, FIXED].find((columns) =>
    columns.every((name, index) => names[index]?.toLowerCase() === name),
  )?.length
  const labels = names.slice(fixed, names.findLastIndex((name) => name !== '') + 1)
  if (fixed === undefined || labels.length === 0)
    throw new UnusableFile(
      `Line ${line}: the header must be submission,submitted_at,<category>,… with commas between.`,
    )
  if (labels.includes('')) throw new UnusableFile(`Line ${line}: the header has an empty column name.`)
  const twice = labels.find((label, index) => labels.indexOf(label) !== index)
  if (twice) throw new UnusableFile(`Line ${line}: the header names "${twice}" twice.`)
  return { labels, fixed }
}

async function* readRows(lines: AsyncIterable<Line>, columns: Header, now: () => Date): AsyncGenerator<Row> {
  const latest = now().getTime() + TOLERANCE_MS
  let header = true
  for await (const { number: line, end, text, problem } of lines) {
    if (problem !== undefined) yield { line, end, reason: problem }
    else if (text.trim() === '') continue
    else if (header) header = false
    else {
      const ballot = readRow(text, columns, latest)
      yield { line, end, ...('reason' in ballot ? ballot : { ballot }) }
    }
  }
}

function readRow(text: string, { labels, fixed }: Header, latest: number): Ballot | { reason: string } {
  const split = splitFields(text, ',')
  if ('problem' in split) return { reason: split.problem }
  const width = fixed + labels.length
  const fields = trimToWidth(split.fields, width).map((field) => field.trim())
  if (fields.length !== width) return { reason: `has ${fields.length} fields where the columns are ${width}` }
  const [voter = '', submittedAt = ''] = fields
  const cells = fields.slice(fixed)
  if (voter === '') return { reason: 'has no submission' }
  const time = readTime(submittedAt)
  if (time === undefined)
    return { reason: `has "${submittedAt}" as submitted_at: write a time like 2026-11-23T10:00:00Z` }
  if (time.getTime() > latest) return { reason: `was submitted in the future: ${submittedAt}` }
  const shares = cells.map(readPercent)
  const bad = shares.findIndex(Number.isNaN)
  if (bad !== -1)
    return { reason: `gives "${cells[bad]}" to ${labels[bad]}: write percent with at most two decimals` }
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum !== WHOLE) return { reason: `gives ${sum / 100} % in all instead of 100 %` }
  return { voter, shares, occurredAt: time.toISOString() }
}

/** The instant, or undefined for what is not one (a 30 February, say). */
function readTime(text: string): Date | undefined {
  if (!Time.safeParse(text).success) return undefined
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `12.5` → 1250 without a float's rounding; NaN for what is not a share. */
function readPercent(text: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text)
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : Number.NaN
}

async function earliest(rows: AsyncIterable<Row>): Promise<string | undefined> {
  let first: string | undefined
  for await (const row of rows)
    if ('ballot' in row && (!first || row.ballot.occurredAt < first)) first = row.ballot.occurredAt
  return first
}
