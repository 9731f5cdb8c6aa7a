import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import { tally } from '../../projections/category-aggregate.ts'
import {
  type MutablePollAggregate,
  openedPoll,
  type PollAggregate,
} from '../../projections/poll-aggregate.ts'
import { BadExport, type ExportedFile, type ExportedRow } from './exported-file.ts'

export interface RecountOptions {
  readonly signal: AbortSignal
  /** Told the file's bytes and the rows that are done. */
  readonly onProgress: (bytes: number, rows: number) => void
}

/**
 * Counts a file's rows afresh, in constant memory.
 * @returns the aggregate of what counts; of what does not, a file has nothing
 * @throws {BadExport} a row is no division of a whole, or there are more or fewer than the file says
 */
export async function recountRows(file: ExportedFile, options: RecountOptions): Promise<PollAggregate> {
  const aggregate = openedPoll(definitionOf(file), 0n, '')
  for await (const batch of file.rows()) {
    options.signal.throwIfAborted()
    for (const row of batch) add(aggregate, row)
    if (batch.length > 0) options.onProgress(batch.at(-1)!.end, aggregate.counted)
  }
  if (file.announced !== undefined && file.announced !== aggregate.counted)
    throw new BadExport(`The file announces ${file.announced} rows and has ${aggregate.counted}.`)
  return aggregate
}

function add(aggregate: MutablePollAggregate, { shares }: ExportedRow): void {
  aggregate.counted++
  let sum = 0
  for (const [index, category] of aggregate.categories.entries()) {
    const share = shares[index]!
    if (!(Number.isInteger(share) && share >= 0 && share <= WHOLE))
      throw new BadExport(`Row ${aggregate.counted} has a share of ${share}.`)
    sum += share
    tally(category, share, 1)
  }
  if (sum !== WHOLE)
    throw new BadExport(`Row ${aggregate.counted} divides ${sum} basis points, not ${WHOLE}.`)
}

/** The poll as far as the statistics need it. */
const definitionOf = ({ origin, categories }: ExportedFile): PollDefinition => ({
  poll: origin.poll ?? 'recount',
  title: 'recount',
  step: 1,
  categories: categories.map((id) => ({ id, label: id, description: '', colour: '#000000' })),
  baselines: [],
})
