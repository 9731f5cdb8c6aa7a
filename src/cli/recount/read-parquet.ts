import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet'
import { categoryOf, fixedColumns } from '../../queries/exports/formats.ts'
import { BadExport, type ExportedFile, type ExportedRow } from './exported-file.ts'

/** Parquet, row group by row group. */
export async function openExportedParquet(path: string): Promise<ExportedFile> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw new BadExport(`${path} is no whole Parquet file.`, { cause })
  })
  const columns = metadata.schema.slice(1).map(({ name }) => name)
  if (fixedColumns.some((name, index) => columns[index] !== name))
    throw new BadExport(`${path} has other columns than an export: ${columns.join(', ')}.`)
  const categories = columns.slice(fixedColumns.length)
  const said = (key: string) =>
    metadata.key_value_metadata?.find((entry) => entry.key === `taxbudget.${key}`)?.value
  const [poll, position, asOf] = [said('poll'), said('position'), said('as_of')]
  return {
    origin: { ...(poll && { poll }), ...(position && { position }), ...(asOf && { asOf }) },
    categories: categories.map(categoryOf),
    announced: Number(metadata.num_rows),
    rows: () => readGroups(file, metadata, categories),
  }
}

async function* readGroups(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: string[],
): AsyncGenerator<readonly ExportedRow[]> {
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows)
    const end = Math.floor((file.byteLength * rowEnd) / Number(metadata.num_rows))
    const rows = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd }).catch(
      (cause: unknown) => {
        throw new BadExport(`The rows from ${rowStart + 1} to ${rowEnd} cannot be read.`, { cause })
      },
    )
    yield rows.map((row) => ({ shares: columns.map((name) => row[name] as number), end }))
    rowStart = rowEnd
  }
}
