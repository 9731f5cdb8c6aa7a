import { extname } from 'node:path'
import { type ExportFormat, exportFormats } from '../../queries/exports/formats.ts'
import { Misuse } from '../exit-codes.ts'
import type { ExportedFile } from './exported-file.ts'
import { openExportedBallots } from './read-ballots.ts'
import { openExportedNdjson } from './read-ndjson.ts'
import { openExportedParquet } from './read-parquet.ts'

/** Opens an exported file by what its name ends with. @throws {BadExport} @throws {UnusableFile} @throws {Misuse} */
export async function openExport(path: string): Promise<ExportedFile> {
  const format = formatOf(path)
  switch (format) {
    case 'csv':
    case 'pb':
      return await openExportedBallots(path, format)
    case 'ndjson':
      return await openExportedNdjson(path)
    case 'parquet':
      return await openExportedParquet(path)
    default:
      return format satisfies never
  }
}

function formatOf(path: string): ExportFormat {
  const ending = extname(path).slice(1).toLowerCase()
  const format = exportFormats.find((name) => name === ending)
  if (!format) throw new Misuse(`${path} must end in ${exportFormats.map((name) => `.${name}`).join(', ')}.`)
  return format
}
