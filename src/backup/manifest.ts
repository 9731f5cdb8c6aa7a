/**
 * What a backup says of itself. The file is a row of zstd frames, so that `zstdcat FILE` gives lines of JSON: a header,
 * an event each, and at the end the manifest. After it comes a frame of fixed size that zstd passes over: it tells where
 * the manifest begins, and its SHA-256.
 */
import { z } from 'zod'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { readAggregate, writeAggregate } from '../projections/stored-snapshot.ts'
import { BadBackup } from './bad-backup.ts'

export const FORMAT = 'taxbudget-backup'
export const FORMAT_VERSION = 1

const position = z.string().regex(/^(0|[1-9]\d*)$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)

export const Manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  log: z.enum(['postgres', 'eventstore']).describe('Where the log was: what its positions are'),
  database: z.string().describe('Which one it was'),
  position: position.describe('Of the last event: everything up to it is in here'),
  events: count,
  madeAt: z.iso.datetime(),
  program: z.string(),
  schema: z.string().describe('The newest migration that the database had'),
  foldVersion: count,
  months: z
    .array(
      z.object({ month: z.string().regex(/^\d{4}-\d\d$/), first: position, last: position, events: count }),
    )
    .describe('The months of the log, UTC'),
  polls: z.array(z.unknown()).describe('The results of every poll at that position'),
  parts: z
    .array(z.tuple([count, count, count, sha256]))
    .describe('Frames of the file: events, where it begins, bytes, SHA-256. The first one is the header'),
  sha256: sha256.describe('Of all the parts'),
})
export type Manifest = z.infer<typeof Manifest>

/** The polls of a manifest, every integer of them. @throws {BadBackup} */
export function pollsOf({ polls }: Manifest): Map<string, PollAggregate> {
  try {
    const aggregates = polls.map(readAggregate)
    return new Map(aggregates.map((poll) => [poll.definition.poll, poll]))
  } catch (cause) {
    throw new BadBackup('its manifest has results that contradict themselves', { cause })
  }
}

/** Polls as a manifest holds them. */
export const writePolls = (polls: Iterable<PollAggregate>): unknown[] =>
  [...polls].map((poll) => JSON.parse(writeAggregate(poll)) as unknown)

const MAGIC = 0x184d2a5b
const TEXT_BYTES = 128
export const TRAILER_BYTES = 8 + TEXT_BYTES

/** The last bytes of the file, a frame that zstd passes over; to be read by people with `tail -c 128`. */
export function writeTrailer(offset: number, bytes: number, digest: string): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES, ' ')
  trailer.writeUInt32LE(MAGIC, 0)
  trailer.writeUInt32LE(TEXT_BYTES, 4)
  trailer.write(`${FORMAT} manifest ${offset} ${bytes} ${digest}`, 8)
  trailer.write('\n', TRAILER_BYTES - 1)
  return trailer
}

/** Where the manifest is. @throws {BadBackup} these are not the last bytes of a backup */
export function readTrailer(trailer: Buffer): { offset: number; bytes: number; sha256: string } {
  const text = trailer.toString('latin1', 8)
  const found = /^taxbudget-backup manifest (\d+) (\d+) ([0-9a-f]{64}) *\n$/.exec(text)
  const [offset, bytes] = [Number(found?.[1]), Number(found?.[2])]
  if (!found || !trailer.equals(writeTrailer(offset, bytes, found[3]!)))
    throw new BadBackup('it is cut off, damaged at its end, or no backup of this program')
  return { offset, bytes, sha256: found[3]! }
}
