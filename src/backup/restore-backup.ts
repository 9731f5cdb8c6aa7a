import type { CopiedMonth, ExactEvent, LogCopy } from '../events/log-copy.ts'
import type { Manifest } from './manifest.ts'
import type { OpenBackup } from './read-backup.ts'

export interface RestoreOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

/**
 * Puts a backup into an empty log, as one transaction. One of EventStoreDB gets new positions, 1, 2, 3, ….
 * @throws {BadBackup} {@link LogNotEmpty} nothing was restored then
 */
export async function restoreBackup(
  { manifest, events }: Pick<OpenBackup, 'manifest' | 'events'>,
  copy: Pick<LogCopy, 'fill'>,
  options: RestoreOptions,
): Promise<void> {
  const read = events(options)
  if (isRenumbered(manifest)) await copy.fill(renumberedMonths(manifest), renumbered(read, manifest))
  else await copy.fill(monthsOf(manifest), read)
}

/** Whether the positions of a backup can not be kept: they are places in EventStoreDB's own files. */
export const isRenumbered = ({ log }: Pick<Manifest, 'log'>): boolean => log !== 'postgres'

const monthsOf = ({ months }: Manifest): CopiedMonth[] =>
  months.map(({ month, first, last }) => ({ month, first: BigInt(first), last: BigInt(last) }))

function renumberedMonths({ months }: Manifest): CopiedMonth[] {
  let last = 0n
  return months.map(({ month, events }) => {
    const first = last + 1n
    last += BigInt(events)
    return { month, first, last }
  })
}

async function* renumbered(
  read: AsyncIterable<readonly ExactEvent[]>,
  manifest: Manifest,
): AsyncGenerator<ExactEvent[]> {
  const months = renumberedMonths(manifest)
  let [position, index] = [0n, 0]
  for await (const batch of read)
    yield batch.map((event) => {
      position++
      while (position > months[index]!.last) index++
      // A clock that was put back goes on with the month that was begun.
      const begins = BigInt(Date.parse(`${months[index]!.month}-01T00:00:00Z`)) * 1000n
      const recordedAt = event.recordedAt > begins ? event.recordedAt : begins
      return { ...event, position, recordedAt }
    })
}
