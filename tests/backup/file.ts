/** A backup of events that nobody else knows. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBackup } from '../../src/backup/read-backup.ts'
import { writeBackup } from '../../src/backup/write-backup.ts'
import type { ExactBatch, ExactEvent } from '../../src/events/log-copy.ts'

export const someEvents = (count: number, filler = 20): ExactEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    position: BigInt(index + 1),
    stream: `of-${index}`,
    revision: 0,
    id: randomUUID(),
    type: 'Tested',
    schemaVersion: 1,
    // Something that does not compress.
    data: JSON.stringify({
      filler: Array.from({ length: filler }, () => Math.random().toString(36)).join(''),
    }),
    metadata: null,
    recordedAt: 1_767_225_600_123_456n + BigInt(index),
  }))

/** A file with these events, in a folder of its own. */
export async function writeSome(path: string, events: readonly ExactEvent[]) {
  const batches = async function* (): AsyncGenerator<ExactBatch> {
    for (let at = 0; at < events.length; at += 100)
      yield { month: '2026-01', events: events.slice(at, at + 100) }
  }
  return await writeBackup(path, batches(), () => ({
    log: 'postgres',
    database: 'a test',
    position: `${events.length}`,
    madeAt: '2026-01-01T00:00:00.000Z',
    program: '0',
    schema: '0',
    foldVersion: 1,
    polls: [],
  }))
}

/** Every event of a backup. @throws {BadBackup} */
export async function readWhole(path: string): Promise<ExactEvent[]> {
  const opened = await openBackup(path)
  try {
    const events: ExactEvent[] = []
    for await (const batch of opened.events({ signal: new AbortController().signal })) events.push(...batch)
    return events
  } finally {
    await opened.close()
  }
}

export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-backup-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
