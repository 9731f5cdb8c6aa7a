/** Exports as a service does, throws them away, and tells how large that has made it. */
import { ExportThread } from '../../../src/queries/exports/export-thread.ts'
import { exportFormats } from '../../../src/queries/exports/formats.ts'
import type { KnownMoment } from '../../../src/queries/exports/moments.ts'
import { testPoll } from '../../support/history.ts'

/** What it tells, megabytes: the largest that it has been after each step. */
export interface Memory {
  readonly few: number
  readonly many: number
  readonly atOnce: number
}

const [databaseUrl = '', few, many] = process.argv.slice(2)
const thread = new ExportThread({ databaseUrl })

async function exportAll(count: number, format: (typeof exportFormats)[number]): Promise<void> {
  const position = BigInt(count)
  const moment: KnownMoment = {
    ...{ definition: testPoll('one'), position, counted: count, parked: 0 },
    ...{ asOf: '2026-01-01T00:00:00.000Z', at: { position } },
  }
  const stop = new AbortController()
  const { chunks, rows } = await thread.make(moment, format, stop.signal)
  for await (const _ of chunks);
  stop.abort()
  if (rows() !== count) throw new Error(`${rows()} rows of ${count}`)
}

const largest = () => process.resourceUsage().maxRSS / 1024

for (const format of exportFormats) await exportAll(Number(few), format)
const after = { few: largest() }
for (const format of ['csv', 'ndjson'] as const) await exportAll(Number(many), format)
const later = { ...after, many: largest() }
await Promise.all(exportFormats.map((format) => exportAll(Number(many), format)))
console.log(JSON.stringify({ ...later, atOnce: largest() } satisfies Memory))
await thread.close()
