/** The part of a Pabulib file before its votes: META and PROJECTS. */
import { type RejectedLine, UnusableFile } from './ballot-file.ts'
import { splitFields, trimToWidth } from './fields.ts'
import type { Line } from './lines.ts'

export interface PbProject {
  readonly id: string
  readonly name: string
  /** Undefined if the file has no category column. */
  readonly category: string | undefined
}

export interface PbHead {
  readonly meta: ReadonlyMap<string, string>
  readonly projects: readonly PbProject[]
  readonly rejected: readonly RejectedLine[]
}

type PbRecord = { readonly line: number } & (
  | { readonly fields: readonly string[] }
  | { readonly reason: string }
)
type Reject = (line: number, reason: string) => void

/** A quoted description may run over several lines; one that runs over more is a quote left open. */
const MAX_LINES_OF_A_RECORD = 50

const sections = ['META', 'PROJECTS', 'VOTES'] as const
export type Section = (typeof sections)[number]

/** The section that begins at this line, if one does. */
export const sectionAt = (text: string): Section | undefined =>
  sections.find((section) => text.startsWith(section) && /^[;\s]*$/.test(text.slice(section.length)))

/**
 * Reads META and PROJECTS. A bad line is rejected by its number and left out.
 * @param lines everything before VOTES
 * @throws {UnusableFile} a section is missing, or has no usable header
 */
export function readHead(lines: readonly Line[]): PbHead {
  const rejected: RejectedLine[] = []
  const reject: Reject = (line, reason) => rejected.push({ line, reason })
  const records = [...recordsOf(lines)]
  const starts = (section: Section) =>
    records.findIndex((record) => 'fields' in record && sectionAt(record.fields.join(';')) === section)
  const [metaStart, projectsStart] = [starts('META'), starts('PROJECTS')]
  if (metaStart === -1) throw new UnusableFile('There is no META section: is this a Pabulib file?')
  if (projectsStart < metaStart) throw new UnusableFile('There is no PROJECTS section after META.')
  for (const record of records.slice(0, metaStart)) reject(record.line, 'stands before META')
  return {
    meta: readMeta(records.slice(metaStart + 1, projectsStart), reject),
    projects: readProjects(records.slice(projectsStart + 1), reject),
    rejected: rejected.sort((a, b) => a.line - b.line),
  }
}

function* recordsOf(lines: readonly Line[]): Generator<PbRecord> {
  for (let index = 0; index < lines.length; ) {
    const { number: line, problem } = lines[index]!
    const joined = problem === undefined ? joinQuoted(lines, index) : { problem, next: index + 1 }
    index = joined.next
    if ('problem' in joined) yield { line, reason: joined.problem }
    else if (joined.fields.some((field) => field.trim() !== '')) yield { line, fields: joined.fields }
  }
}

/** The record that begins at `index`, with the lines over which its quoted fields run. */
function joinQuoted(lines: readonly Line[], index: number) {
  const end = Math.min(lines.length, index + MAX_LINES_OF_A_RECORD)
  let text = lines[index]!.text
  let split = splitFields(text, ';')
  let next = index + 1
  while ('unclosed' in split && split.unclosed && next < end) {
    text += `\n${lines[next++]!.text}`
    split = splitFields(text, ';')
  }
  return 'fields' in split ? { fields: split.fields, next } : { problem: split.problem, next: index + 1 }
}

function readMeta(records: readonly PbRecord[], reject: Reject): Map<string, string> {
  const meta = new Map<string, string>()
  for (const record of records) {
    if ('reason' in record) {
      reject(record.line, record.reason)
      continue
    }
    const [key = '', value, ...more] = trimToWidth(record.fields, 2).map((field) => field.trim())
    const name = key.toLowerCase()
    if (value === undefined || more.length > 0 || name === '') reject(record.line, 'is not a key and a value')
    else if (meta.has(name)) reject(record.line, `gives ${name} a second time`)
    else if (name !== 'key' || meta.size > 0) meta.set(name, value)
  }
  return meta
}

function readProjects([header, ...records]: readonly PbRecord[], reject: Reject): PbProject[] {
  if (!header || 'reason' in header) throw new UnusableFile('PROJECTS has no line of column names.')
  const columns = header.fields.map((name) => name.trim().toLowerCase())
  const width = columns.findLastIndex((name) => name !== '') + 1
  const [id, name, category] = ['project_id', 'name', 'category'].map((column) => columns.indexOf(column))
  if (id === -1) throw new UnusableFile(`Line ${header.line}: PROJECTS has no column project_id.`)
  const projects = new Map<string, PbProject>()
  for (const record of records) {
    const fields = 'fields' in record ? trimToWidth(record.fields, width).map((field) => field.trim()) : []
    const project = fields[id!] ?? ''
    if ('reason' in record) reject(record.line, record.reason)
    else if (fields.length !== width)
      reject(record.line, `has ${fields.length} fields where the columns are ${width}`)
    else if (project === '') reject(record.line, 'has no project_id')
    else if (projects.has(project)) reject(record.line, `names project ${project} a second time`)
    else projects.set(project, { id: project, name: fields[name!] ?? '', category: fields[category!] })
  }
  return [...projects.values()]
}
