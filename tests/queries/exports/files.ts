import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { compareResults } from '../../../src/cli/recount/compare-results.ts'
import { openExport } from '../../../src/cli/recount/open-export.ts'
import { recountRows } from '../../../src/cli/recount/recount-rows.ts'
import type { Exports } from '../../../src/queries/exports/exports.ts'
import type { ExportFormat } from '../../../src/queries/exports/formats.ts'
import type { MomentAsked } from '../../../src/queries/exports/moments.ts'
import { resultsView } from '../../../src/queries/results-view.ts'

/** A whole export in memory. */
async function bytesOf(
  exports: Exports,
  poll: string,
  format: ExportFormat,
  asked: MomentAsked = {},
): Promise<Buffer> {
  const { body } = await exports.open(await exports.moment(poll, asked), format)
  return await buffer(body)
}

/** Calls `use` with the path of a file that holds `bytes`. */
export async function withFile<T>(
  name: string,
  bytes: Buffer | string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-export-'))
  try {
    await writeFile(join(folder, name), bytes)
    return await use(join(folder, name))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a file gives beside what was published of that moment. */
export async function recounted(
  exports: Exports,
  poll: string,
  format: ExportFormat,
  asked: MomentAsked = {},
) {
  const bytes = await bytesOf(exports, poll, format, asked)
  const { answer } = await exports.published(poll, asked)
  const aggregate = await withFile(`x.${format}`, bytes, async (path) =>
    recountRows(await openExport(path), { signal: new AbortController().signal, onProgress: () => {} }),
  )
  const view = resultsView({ tier: 'replay', aggregate })
  return { view, published: resultsView(answer), ...compareResults(resultsView(answer), view) }
}
