import { type BallotFile, type FileCategory, type Row, UnusableFile } from './ballot-file.ts'
import { type Line, readLines } from './lines.ts'
import { type PbProject, readHead, sectionAt } from './pb-head.ts'
import { readVote, readVoteColumns, type VoteRules } from './pb-votes.ts'
import { slug, uniqueSlugs } from './slug.ts'

/** The category of projects that have none. */
const UNCATEGORISED = 'Uncategorised'

/**
 * A Pabulib file (pabulib.org) of cumulative votes. Reads up to VOTES; the votes themselves are streamed.
 * @param normalise scales votes whose points do not sum to META's max_sum_points, instead of rejecting them
 * @throws {UnusableFile} it is not one
 */
export async function openPbFile(
  chunks: AsyncIterable<Buffer>,
  { normalise, now }: { normalise: boolean; now: () => Date },
): Promise<BallotFile> {
  const lines = readLines(chunks)
  const head = readHead(await linesBeforeVotes(lines))
  checkVoteType(head.meta.get('vote_type'))
  const { categories, projects } = categorise(head.projects)
  if (categories.length === 0) throw new UnusableFile('PROJECTS names no project.')
  const maxSumPoints = normalise ? undefined : readMaxSumPoints(head.meta.get('max_sum_points'))
  const begin = parseDate(head.meta.get('date_begin')) ?? now().toISOString()
  return {
    title: head.meta.get('description') || undefined,
    currency: head.meta.get('currency') || undefined,
    comment: head.meta.get('comment'),
    categories,
    rejected: head.rejected,
    announced: Number(head.meta.get('num_votes')) || undefined,
    opensAt: async () => begin,
    rows: () => readVotes(lines, { projects, categories: categories.length, maxSumPoints }, begin),
  }
}

async function linesBeforeVotes(lines: AsyncGenerator<Line>): Promise<Line[]> {
  const before: Line[] = []
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    if (sectionAt(next.value.text) === 'VOTES') return before
    before.push(next.value)
  }
  throw new UnusableFile('There is no VOTES section: is this a whole Pabulib file, in UTF-8?')
}

function checkVoteType(type: string | undefined): void {
  if (type === 'cumulative') return
  const found = type ? `votes of the type ${type}` : 'no vote_type in META'
  throw new UnusableFile(`The file has ${found}: only cumulative votes divide a whole and can be imported.`)
}

function readMaxSumPoints(value: string | undefined): number {
  if (value !== undefined && /^[1-9]\d{0,14}$/.test(value)) return Number(value)
  throw new UnusableFile(
    `META's max_sum_points is ${value ? `"${value}"` : 'missing'}, so no vote can be checked: --normalise imports without it.`,
  )
}

/**
 * A vote carries no time of its own, so all count from the day on which voting began: `10.09.2022`, `2022-09-10` or
 * `2022`, at midnight UTC.
 */
function parseDate(text: string | undefined): string | undefined {
  const parts = /^(?<d>\d{2})\.(?<m>\d{2})\.(?<y>\d{4})$|^(?<y>\d{4})(-(?<m>\d{2})-(?<d>\d{2}))?$/.exec(
    text ?? '',
  )
  const { y, m = '01', d = '01' } = parts?.groups ?? {}
  const date = new Date(`${y}-${m}-${d}T00:00:00.000Z`)
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString()
  return iso.startsWith(`${y}-${m}-${d}`) ? iso : undefined
}

/** The file's categories in the order in which PROJECTS first names them, and where each project belongs. */
function categorise(projects: readonly PbProject[]) {
  const byProject = projects.every((project) => project.category === undefined)
  const key = (project: PbProject) => (byProject ? project.id : project.category || UNCATEGORISED)
  const keys = [...new Set(projects.map(key))]
  const places = new Map(keys.map((name, index) => [name, index]))
  return {
    categories: byProject ? projectsAsCategories(projects) : labelled(keys),
    projects: new Map(projects.map((project) => [project.id, places.get(key(project))!])),
  }
}

function labelled(labels: readonly string[]): FileCategory[] {
  const ids = uniqueSlugs(labels)
  return labels.map((label, index) => ({ id: ids[index]!, label }))
}

/** Each project its own category: its id from the project's, or from its name if nothing of that can be kept. */
function projectsAsCategories(projects: readonly PbProject[]): FileCategory[] {
  const ids = uniqueSlugs(projects.map(({ id, name }) => (slug(id) ? id : name)))
  return projects.map(({ id, name }, index) => ({ id: ids[index]!, label: name || id }))
}

async function* readVotes(
  lines: AsyncIterable<Line>,
  rules: Omit<VoteRules, 'columns'>,
  occurredAt: string,
): AsyncGenerator<Row> {
  let complete: VoteRules | undefined
  for await (const { number: line, end, text, problem } of lines) {
    if (problem === undefined && text.trim() === '') continue
    if (problem !== undefined) yield { line, end, reason: problem }
    else if (!complete) complete = { ...rules, columns: readVoteColumns(text, line) }
    else {
      const vote = readVote(text, complete)
      yield { line, end, ...('reason' in vote ? vote : { ballot: { ...vote, occurredAt } }) }
    }
  }
}
