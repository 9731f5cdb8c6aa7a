import { readFile } from 'node:fs/promises'
import { ExportSidecar } from '../../queries/exports/sidecar.ts'
import { ResultsView, resultsView } from '../../queries/results-view.ts'
import type { Call } from '../command.ts'
import { Misuse } from '../exit-codes.ts'
import { sidecarPath } from '../export/output-file.ts'
import { askResults } from '../results/ask.ts'
import { resultsOptions } from '../results/show.ts'
import { BadExport, type Origin } from './exported-file.ts'

/** Which moment of which poll the published numbers are asked for. */
export interface Moment {
  readonly poll: string
  readonly 'as-of': string | undefined
  readonly position: string | undefined
}

/** What lies beside the file; undefined if nothing does. @throws {BadExport} it is something else */
export async function readSidecar(file: string): Promise<ExportSidecar | undefined> {
  const path = sidecarPath(file)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const parsed = ExportSidecar.safeParse(asJson(text))
  if (!parsed.success) throw new BadExport(`${path} does not describe an export.`)
  return parsed.data
}

/** The moment of a file: as its sidecar says, else as it says itself, else as the caller does. @throws {Misuse} nobody says */
export function momentOf(
  sidecar: ExportSidecar | undefined,
  origin: Origin,
  said: Readonly<Record<keyof Moment, string | undefined>>,
): Moment {
  const poll = said.poll ?? sidecar?.poll ?? origin.poll
  const told = said.position !== undefined || said['as-of'] !== undefined
  const position = sidecar?.past === 'asOf' ? undefined : (sidecar?.position ?? origin.position)
  const moment = told
    ? { 'as-of': said['as-of'], position: said.position }
    : { 'as-of': sidecar?.past === 'asOf' ? sidecar.asOf : undefined, position }
  if (poll === undefined || (moment.position === undefined && moment['as-of'] === undefined))
    throw new Misuse('The file does not say what it is of: give --poll, and --position or --as-of.')
  return { poll, ...moment }
}

/** What the API of a running service publishes of that moment. @throws {BadExport} it does not */
export async function askService(
  url: string,
  { poll, 'as-of': asOf, position }: Moment,
): Promise<ResultsView> {
  const query = new URLSearchParams(asOf === undefined ? { position: position! } : { asOf })
  const address = `${url.replace(/\/+$/, '')}/api/polls/${encodeURIComponent(poll)}/results?${query}`
  const response = await fetch(address).catch((cause: unknown) => {
    throw new BadExport(`Nothing answers at ${url}.`, { cause })
  })
  const body: unknown = await response.json().catch(() => undefined)
  const parsed = ResultsView.safeParse(body)
  if (response.ok && parsed.success) return parsed.data
  const { detail, title } = (body ?? {}) as { detail?: string; title?: string }
  throw new BadExport(`${address} answers ${response.status}: ${detail ?? title ?? 'no results'}`)
}

/** What the database of the settings gives for that moment, by a replay. @throws {Problem} as `ResultsQuery.results` */
export async function askDatabase(call: Call, { poll, ...moment }: Moment): Promise<ResultsView> {
  return resultsView(await askResults(call, poll, resultsOptions({ ...moment, tier: undefined })))
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
