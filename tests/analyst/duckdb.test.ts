/** The queries that the documentation gives for DuckDB and an export name columns that the file has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet'
import { expect, it } from 'vitest'
import { PollDefinition } from '../../src/events/poll-events.ts'
import { encodeParquet } from '../../src/queries/exports/parquet.ts'

const root = join(import.meta.dirname, '../..')
const definition = PollDefinition.parse(JSON.parse(readFileSync(join(root, 'polls/us-federal.json'), 'utf8')))

async function columnsOfExport(): Promise<string[]> {
  const moment = { definition, position: 1n, asOf: '2026-01-01T00:00:00.000Z' }
  const chunks = await Array.fromAsync(encodeParquet(moment, (async function* () {})()))
  const file = new Uint8Array(Buffer.concat(chunks)).buffer
  return parquetSchema(await parquetMetadataAsync(file)).children.map(({ element }) => element.name)
}

/** What a query names that is not text, a function, an alias of its own or one of SQL's own words. */
function columnsIn(query: string): string[] {
  const sql = query.replaceAll(/'[^']*'/g, '')
  const aliases = [...sql.matchAll(/\bas (\w+)/g)].map(([, alias]) => alias!)
  const [, selected, rest] = /^select (.*?)\bfrom\b(.*)$/s.exec(sql)!
  const words = (text: string) => text.match(/\b[a-z]\w*\b(?!\s*\()/g) ?? []
  const own = ['where', 'group', 'order', 'by', 'and', ...aliases]
  return [
    ...words(selected!.replaceAll(/\bas \w+/g, '')),
    ...words(rest!).filter((word) => !own.includes(word)),
  ]
}

it.each(['README.md', 'docs/analysts.md'])('in %s', async (file) => {
  const text = readFileSync(join(root, file), 'utf8')
  const queries = [...text.matchAll(/select [^";]*'us-federal\.parquet'[^";]*/g)].map(([query]) => query)
  expect(queries.length).toBeGreaterThan(0)
  const columns = await columnsOfExport()
  expect(columns).toContain('submitted_at')
  for (const named of queries.map(columnsIn)) {
    expect(named).toContain('health')
    expect(columns).toEqual(expect.arrayContaining(named))
  }
})
