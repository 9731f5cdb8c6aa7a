import { PollDefinition } from '../../events/poll-events.ts'
import { type BallotFile, type FileCategory, UnusableFile } from './ballot-file.ts'
import { colourAt } from './palette.ts'

/** The finest grain there is: what is imported was divided by other rules than ours. */
const STEP = 1

/** Most that a poll's title and a category's label may have. */
const MAX_TEXT = 200

/** The poll that a file of ballots asks for. @throws {UnusableFile} its categories make no poll */
export function pollFromFile(poll: string, file: BallotFile): PollDefinition {
  const labels = distinctLabels(file.categories)
  const parsed = PollDefinition.safeParse({
    poll,
    title: shorten(file.title ?? poll, MAX_TEXT),
    ...(/^[A-Z]{3}$/.test(file.currency ?? '') && { currency: file.currency }),
    step: STEP,
    categories: file.categories.map(({ id }, index) => ({
      id,
      label: labels[index]!,
      description: '',
      colour: colourAt(index),
    })),
    baselines: [],
  })
  if (parsed.success) return parsed.data
  if (file.categories.length < 2 || file.categories.length > 100)
    throw new UnusableFile(`The file has ${file.categories.length} categories: a poll has from 2 to 100.`)
  throw new UnusableFile(`The file makes no poll: ${parsed.error.issues[0]!.message}.`)
}

/**
 * The poll's category ids in the order of the file's categories.
 * @throws {UnusableFile} they are not the same categories
 */
export function matchCategories(file: BallotFile, definition: PollDefinition): string[] {
  const labels = distinctLabels(file.categories)
  const found = file.categories.map(
    ({ id, label }, index) =>
      definition.categories.find(
        (category) => category.label === labels[index] || category.label === label,
      ) ?? definition.categories.find((category) => category.id === id || category.id === label),
  )
  const unknown = file.categories.filter((_, index) => !found[index]).map(({ label }) => label)
  const missing = definition.categories
    .filter((category) => !found.includes(category))
    .map(({ label }) => label)
  const differences = [
    ...(unknown.length > 0 ? [`the poll does not have ${list(unknown)}`] : []),
    ...(missing.length > 0 ? [`the file does not have ${list(missing)}`] : []),
  ]
  if (differences.length === 0 && new Set(found).size < found.length)
    differences.push('two of the file are one of the poll')
  if (differences.length > 0)
    throw new UnusableFile(
      `The poll ${definition.poll} exists with other categories: ${differences.join('; ')}. Import into another poll.`,
    )
  return found.map((category) => category!.id)
}

const list = (labels: readonly string[]): string =>
  labels.map((label) => `"${shorten(label, 60)}"`).join(', ')

/** Cut between characters, never inside one. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  let short = ''
  for (const character of text) {
    if (short.length + character.length >= length) break
    short += character
  }
  return `${short.trimEnd()}…`
}

/** Labels short enough for a poll; those that are then alike get their id. */
function distinctLabels(categories: readonly FileCategory[]): string[] {
  const labels = categories.map(({ label }) => shorten(label, MAX_TEXT))
  return labels.map((label, index) =>
    labels.indexOf(label) === labels.lastIndexOf(label)
      ? label
      : `${shorten(label, MAX_TEXT - 70)} (${categories[index]!.id})`,
  )
}
