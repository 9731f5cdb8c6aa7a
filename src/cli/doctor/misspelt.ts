/** Shorter names are near too many others: HOME is not meant for HOST. */
const SHORTEST = 8
const MOST_MISTAKES = 2

/** A name that is no setting, and the setting that it nearly is. */
export interface Misspelt {
  readonly name: string
  readonly meant: string
}

/** Names of the environment that are almost those of settings, sorted: what they say counts for nothing. */
export function misspeltAmong(names: readonly string[], settings: readonly string[]): Misspelt[] {
  const strange = names.filter((name) => name.length >= SHORTEST && !settings.includes(name)).sort()
  return strange.flatMap((name) => {
    const [nearest] = settings
      .map((meant) => ({ meant, mistakes: mistakesBetween(name.toUpperCase(), meant) }))
      .sort((one, other) => one.mistakes - other.mistakes)
    return nearest && nearest.mistakes <= MOST_MISTAKES ? [{ name, meant: nearest.meant }] : []
  })
}

/** Letters that are wrong, missing or too many (Levenshtein). */
function mistakesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [place, letter] of [...one].entries()) {
    const next = [place + 1]
    for (const [index, wanted] of [...other].entries())
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (letter === wanted ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
