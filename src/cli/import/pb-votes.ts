import { WHOLE } from '../../events/poll-events.ts'
import { UnusableFile } from './ballot-file.ts'
import { splitFields, trimToWidth } from './fields.ts'
import { largestRemainder } from './largest-remainder.ts'

export interface VoteColumns {
  readonly voter: number
  readonly vote: number
  readonly points: number
  /** How many columns there are. */
  readonly width: number
}

export interface VoteRules {
  readonly columns: VoteColumns
  /** Project id → place of its category. */
  readonly projects: ReadonlyMap<string, number>
  readonly categories: number
  /** What the points must sum to; undefined: whatever they sum to is the whole. */
  readonly maxSumPoints: number | undefined
}

export type Vote =
  | { readonly voter: string; readonly shares: readonly number[] }
  | { readonly reason: string }

/** Reads the line of column names that VOTES begins with. @throws {UnusableFile} a column is missing */
export function readVoteColumns(text: string, line: number): VoteColumns {
  const split = splitFields(text, ';')
  const names = 'fields' in split ? split.fields.map((name) => name.trim().toLowerCase()) : []
  const column = (name: string): number => {
    const index = names.indexOf(name)
    if (index === -1) throw new UnusableFile(`Line ${line}: VOTES has no column ${name}.`)
    return index
  }
  const width = names.findLastIndex((name) => name !== '') + 1
  return { voter: column('voter_id'), vote: column('vote'), points: column('points'), width }
}

/** One line of VOTES as shares in basis points, or the reason why it is none. */
export function readVote(text: string, rules: VoteRules): Vote {
  const { columns } = rules
  const split = splitFields(text, ';')
  if ('problem' in split) return { reason: split.problem }
  const fields = trimToWidth(split.fields, columns.width)
  if (fields.length !== columns.width)
    return { reason: `has ${fields.length} fields where the columns are ${columns.width}` }
  const voter = fields[columns.voter]!.trim()
  if (voter === '') return { reason: 'has no voter_id' }
  const points = pointsByCategory(list(fields[columns.vote]!), list(fields[columns.points]!), rules)
  if ('reason' in points) return points
  return { voter, shares: largestRemainder(points.points, WHOLE) }
}

const list = (field: string): string[] =>
  field.trim() === '' ? [] : field.split(',').map((item) => item.trim())

/** Adds up a vote's points by category. */
function pointsByCategory(
  projects: readonly string[],
  given: readonly string[],
  rules: VoteRules,
): { points: number[] } | { reason: string } {
  if (projects.length === 0) return { reason: 'names no project' }
  if (projects.length !== given.length)
    return { reason: `names ${projects.length} projects but gives ${given.length} points` }
  if (new Set(projects).size !== projects.length) return { reason: 'names a project twice' }
  const points = new Array<number>(rules.categories).fill(0)
  let sum = 0
  for (const [index, project] of projects.entries()) {
    const category = rules.projects.get(project)
    if (category === undefined) return { reason: `names ${project}, which is not among the projects` }
    const value = given[index]!
    // Nine digits, so that no sum over the projects of a file leaves the safe integers.
    if (!/^\d{1,9}$/.test(value) || Number(value) === 0)
      return { reason: `gives "${value}" points: write a whole number above 0` }
    points[category]! += Number(value)
    sum += Number(value)
  }
  if (rules.maxSumPoints !== undefined && sum !== rules.maxSumPoints)
    return { reason: `gives ${sum} points in all instead of ${rules.maxSumPoints}` }
  return { points }
}
