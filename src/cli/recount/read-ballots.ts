import { categoryOf } from '../../queries/exports/formats.ts'
import type { BallotFile, Row } from '../import/ballot-file.ts'
import { openBallotFile } from '../import/open-ballot-file.ts'
import { BadExport, type ExportedFile, type ExportedRow, type Origin } from './exported-file.ts'

const BATCH = 1000

/** CSV and Pabulib, as `import` reads them: nothing but what can be imported again is a whole export. */
export async function openExportedBallots(path: string, format: 'csv' | 'pb'): Promise<ExportedFile> {
  const { file } = await openBallotFile(path, { normalise: false, now: () => new Date() })
  return {
    origin: originIn(file.comment),
    // A header of CSV has column names where Pabulib has ids and labels.
    categories: file.categories.map(({ id, label }) => (format === 'csv' ? categoryOf(label) : id)),
    announced: file.announced,
    rows: () => rowsOf(file),
  }
}

/** Pabulib has room for it in a comment; CSV has none. */
function originIn(comment = ''): Origin {
  const said = /^taxbudget poll=(?<poll>\S+) position=(?<position>\d+) as_of=(?<asOf>\S+)$/.exec(comment)
  return { ...said?.groups }
}

async function* rowsOf({ rejected, rows }: BallotFile): AsyncGenerator<readonly ExportedRow[]> {
  if (rejected[0]) throw badLine(rejected[0])
  let batch: ExportedRow[] = []
  for await (const row of rows()) {
    batch.push(rowOf(row))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

function rowOf(row: Row): ExportedRow {
  if ('reason' in row) throw badLine(row)
  return { shares: row.ballot.shares, end: row.end }
}

const badLine = ({ line, reason }: { readonly line: number; readonly reason: string }): BadExport =>
  new BadExport(`Line ${line} ${reason}.`)
