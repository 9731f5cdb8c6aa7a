import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type ResultsView, resultsView } from '../../queries/results-view.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import { type Comparison, compareResults, type Difference } from './compare-results.ts'
import { openExport } from './open-export.ts'
import { askDatabase, askService, momentOf, readSidecar } from './published.ts'
import { recountRows } from './recount-rows.ts'
import { differencesTable, recountTable } from './recount-table.ts'

const options = {
  against: {
    type: 'string',
    value: 'WHAT',
    help: 'sidecar (FILE.json, the default), database, or the address of a service',
  },
  poll: { type: 'string', value: 'SLUG', help: 'which poll, where neither file says so' },
  position: { type: 'string', value: 'P', help: 'which position, where neither file says so' },
  'as-of': { type: 'string', value: 'T', help: 'or which time' },
} as const

export const recount = command({
  name: 'recount',
  operands: ['FILE'],
  summary: 'Recomputes every published number from an export alone, and compares',
  options,
  details: `Reads .csv, .ndjson, .parquet and .pb, and needs no database unless it is to compare with one. The numbers of excluded,
withdrawn and parked submissions cannot be recomputed: an export has none of them. With FILE.json beside it (export writes it; the
API gives it with &digest) the file's SHA-256 is checked, too. Without it CSV and NDJSON do not say of which poll and position they are.`,
  run: async (call) => {
    const { operands, values, terminal } = call
    const path = operands[0]!
    const sidecar = await readSidecar(path)
    const file = await openExport(path)
    const against = readAgainst(values.against)
    if (against === 'sidecar' && !sidecar)
      throw new Misuse(`There is no ${path}.json: say --against a service's address, or --against database.`)
    const published =
      against === 'sidecar'
        ? sidecar!.published
        : against === 'database'
          ? await askDatabase(call, momentOf(sidecar, file.origin, values))
          : await askService(against, momentOf(sidecar, file.origin, values))
    const sha256 = sidecar && (await hashFile(path, call.signal))
    const recounted = await recountFile(call, path, file)
    const outcome = judge(compareResults(published, recounted), sidecar?.sha256, sha256)
    if (values.json) terminal.print(JSON.stringify({ file: path, against, ...outcome, published, recounted }))
    else print(call, { path, published, recounted, ...outcome })
    return outcome.right ? FINE : FAILED
  },
})

function readAgainst(text = 'sidecar'): string {
  if (text === 'sidecar' || text === 'database' || /^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    return text
  throw new Misuse(`--against must be sidecar, database or like http://127.0.0.1:3000, not "${text}".`)
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}

async function recountFile(
  { terminal, signal }: Call,
  path: string,
  file: Awaited<ReturnType<typeof openExport>>,
): Promise<ResultsView> {
  const { size } = await stat(path)
  const progress = showProgress('submissions', terminal.stderr)
  const onProgress = (bytes: number, rows: number) => progress.update(bytes / size, rows)
  try {
    return resultsView({ tier: 'replay', aggregate: await recountRows(file, { signal, onProgress }) })
  } finally {
    progress.stop()
  }
}

interface Outcome {
  readonly right: boolean
  /** How many numbers were compared. */
  readonly numbers: number
  readonly differences: readonly Difference[]
  /** Whether the file is the one that was exported; null if nobody says which that was. */
  readonly sameFile: boolean | null
}

function judge({ numbers, differences }: Comparison, expected?: string, actual?: string): Outcome {
  const sameFile = expected === undefined ? null : expected === actual
  return { right: differences.length === 0 && sameFile !== false, numbers, differences, sameFile }
}

interface Printed extends Outcome {
  readonly path: string
  readonly published: ResultsView
  readonly recounted: ResultsView
}

function print({ terminal }: Call, { path, published, recounted, ...outcome }: Printed): void {
  const { numbers, differences, sameFile } = outcome
  terminal.print(recountTable(published, recounted, terminal.style))
  if (differences.length > 0) terminal.print(`\n${differencesTable(differences, terminal.style)}`)
  if (sameFile === false) terminal.warn(`${path} is not the file that was exported: its SHA-256 is another.`)
  const same = numbers - differences.length
  const verdict = `${group(same)} of ${group(numbers)} numbers are as published at position ${published.position}`
  terminal.say(`${verdict}${sameFile ? ', and the file’s SHA-256 is right' : ''}.`)
  const { excluded, withdrawn } = published.submissions
  terminal.say(
    `Not recomputed, because no export has them: ${group(excluded)} excluded, ${group(withdrawn)} withdrawn, ${group(published.parked)} parked.`,
  )
}
