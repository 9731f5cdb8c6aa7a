import { access } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type ExportFormat, exportFormats } from '../../queries/exports/formats.ts'
import { type ExportSidecar, sidecarOf } from '../../queries/exports/sidecar.ts'
import { type Call, command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import { resultsOptions } from '../results/show.ts'
import { openMoment, type PublishedMoment } from './open-moment.ts'
import { partialFile, partialSidecar, sidecarPath } from './output-file.ts'

export const exportPoll = command({
  name: 'export',
  operands: ['POLL'],
  summary: 'Writes the anonymised submissions of a poll into a file',
  options: {
    format: { type: 'string', value: exportFormats.join('|'), required: true, help: 'what kind of file' },
    out: { type: 'string', value: 'F', required: true, help: 'the file, - for standard output' },
    'as-of': {
      type: 'string',
      value: 'T',
      help: 'as it stood then: 2026-11-23T10:00:00Z, or a day at its start, UTC',
    },
    position: { type: 'string', value: 'P', help: 'as it stood at this position of the log' },
    yes: { type: 'boolean', help: 'replaces a file that is there' },
  },
  details: `Beside F it writes F.json: poll, position, time, rows, SHA-256, and the results that were published at that
position. taxbudget recount F proves that the file gives these numbers. Shares are percent in CSV, basis points elsewhere.
F appears when it is whole; until then it is called F.partial.`,
  run: async (call) => {
    const { operands, values, terminal, signal } = call
    const { out, json } = values
    const format = readFormat(values.format)
    const asked = resultsOptions({ ...values, tier: undefined })
    if (out === '-' && json) throw new Misuse('Standard output takes the file or --json, not both.')
    if (out !== '-' && !(await mayWrite(call, out, values.yes))) return FAILED
    const published = await openMoment(call, operands[0]!, asked)
    const sidecar = await writeExport(call, published, format, out).catch((error: unknown) => {
      // Whoever reads our output may stop early.
      if (signal.aborted || (error as NodeJS.ErrnoException).code === 'EPIPE') return undefined
      throw error
    })
    if (!sidecar) {
      terminal.warn(`Stopped. ${out === '-' ? 'What was written is not whole' : 'Nothing is left of it'}.`)
      return FAILED
    }
    if (json) terminal.print(JSON.stringify({ file: out, ...sidecar }))
    else terminal.say(describe(out, sidecar))
    return FINE
  },
})

function readFormat(text: string): ExportFormat {
  const format = exportFormats.find((name) => name === text)
  if (!format) throw new Misuse(`--format must be one of ${exportFormats.join(', ')}, not ${text}.`)
  return format
}

async function mayWrite({ terminal, signal }: Call, out: string, yes: boolean): Promise<boolean> {
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    )
  const there = [out, sidecarPath(out)]
  const found = (await Promise.all(there.map(isThere))).flatMap((is, index) => (is ? [there[index]!] : []))
  if (found.length === 0) return true
  return await confirm({ terminal, signal, yes }, `Replace ${found.join(' and ')}?`, 'name another file')
}

async function writeExport(
  { services, terminal, signal }: Call,
  { moment, answer }: PublishedMoment,
  format: ExportFormat,
  out: string,
): Promise<ExportSidecar> {
  const { exports } = await services()
  const { body, rows, exported } = await exports.open(moment, format)
  const progress = showProgress('submissions', terminal.stderr)
  const watched = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      progress.update(rows() / Math.max(1, moment.counted), rows())
      yield chunk
    }
  }
  body.pause()
  try {
    if (out === '-') {
      await pipeline(body, watched, terminal.stdout, { signal, end: false })
      return sidecarOf(format, { moment, answer }, exported())
    }
    const file = await partialFile(out)
    try {
      await pipeline(body, watched, file.stream, { signal })
      const sidecar = sidecarOf(format, { moment, answer }, exported())
      // Both are on disk before either has its name.
      const beside = await partialSidecar(out, sidecar)
      await file.keep()
      await beside.keep()
      return sidecar
    } finally {
      await file.discard()
    }
  } finally {
    body.destroy()
    progress.stop()
  }
}

const describe = (out: string, { poll, rows, bytes, position, asOf, sha256 }: ExportSidecar): string =>
  [
    `${poll}: ${group(rows)} submissions, ${group(bytes)} bytes, position ${position}, as of ${asOf}`,
    `SHA-256 ${sha256}`,
    ...(out === '-' ? [] : [`Wrote ${out} and ${sidecarPath(out)}.`]),
  ].join('\n')
