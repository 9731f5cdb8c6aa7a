import { z } from 'zod'
import { Instant, PollSlug } from '../../events/poll-events.ts'
import type { Answer } from '../results.ts'
import { ResultsView, resultsView } from '../results-view.ts'
import type { Exported } from './export-stream.ts'
import { type ExportFormat, exportFormats } from './formats.ts'
import type { KnownMoment } from './moments.ts'

/** What goes beside an exported file, so that anybody can tell whether it is whole and whether it gives the results. */
export const ExportSidecar = z.object({
  poll: PollSlug,
  format: z.enum(exportFormats),
  position: z.string().regex(/^\d+$/).describe('Everything in the event log up to here is in the file'),
  asOf: Instant.describe('The latest time that is in the file'),
  past: z
    .enum(['position', 'asOf'])
    .describe('By what the moment is asked for again: the same position, or the same time'),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  published: ResultsView.describe('The results at that moment: what the rows must add up to'),
})
export type ExportSidecar = z.infer<typeof ExportSidecar>

/** Describes a file that has been exported. */
export const sidecarOf = (
  format: ExportFormat,
  { moment, answer }: { readonly moment: KnownMoment; readonly answer: Answer },
  { rows, bytes, sha256 }: Exported,
): ExportSidecar => ({
  poll: moment.definition.poll,
  format,
  position: moment.position.toString(),
  asOf: moment.asOf,
  past: moment.at.asOf === undefined ? 'position' : 'asOf',
  rows,
  bytes,
  sha256,
  published: resultsView(answer),
})
