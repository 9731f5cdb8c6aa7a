import { createReadStream } from 'node:fs'
import { z } from 'zod'
import { Allocation } from '../../events/submission-events.ts'
import { type Line, readLines } from '../import/lines.ts'
import { BadExport, type ExportedFile, type ExportedRow } from './exported-file.ts'

const BATCH = 1000

/** One line of an export. What else is on it is not counted. */
const Exported = z.object({ allocation: Allocation })

/** NDJSON: the first row says which categories there are, and in which order. */
export async function openExportedNdjson(path: string): Promise<ExportedFile> {
  let categories: string[] = []
  for await (const line of readLines(createReadStream(path))) {
    categories = Object.keys(allocationOf(line))
    break
  }
  return {
    origin: {},
    categories,
    announced: undefined,
    rows: () => readRows(path, categories),
  }
}

async function* readRows(
  path: string,
  categories: readonly string[],
): AsyncGenerator<readonly ExportedRow[]> {
  let batch: ExportedRow[] = []
  for await (const line of readLines(createReadStream(path))) {
    const allocation = allocationOf(line)
    const same = Object.keys(allocation).length === categories.length
    const shares = categories.map((id) => allocation[id] ?? Number.NaN)
    if (!same || shares.some(Number.isNaN))
      throw new BadExport(`Line ${line.number} has other categories than the first.`)
    batch.push({ shares, end: line.end })
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

function allocationOf({ number, text, problem }: Line): Allocation {
  if (problem !== undefined) throw new BadExport(`Line ${number} ${problem}.`)
  const parsed = Exported.safeParse(asJson(text))
  if (!parsed.success) throw new BadExport(`Line ${number} is no exported submission.`)
  return parsed.data.allocation
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
