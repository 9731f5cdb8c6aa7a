const QUOTE = 34
const COLON = 58
const OPEN = 123
const CLOSE = 125

/**
 * Names that occur twice in one object. `JSON.parse` silently takes the last of them, so a category given twice would
 * count with a value that the sender may not mean.
 * @param json valid JSON
 */
export function repeatedNames(json: string): string[] {
  const repeated = new Set<string>()
  const open: Set<string>[] = []
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === OPEN) open.push(new Set())
    else if (char === CLOSE) open.pop()
    else if (char === QUOTE) {
      const end = endOfString(json, at)
      // In valid JSON a string before a colon is a name, and stands in the innermost open object.
      if (isBeforeColon(json, end + 1)) {
        const name = unquote(json.slice(at, end + 1))
        const names = open.at(-1)!
        if (names.has(name)) repeated.add(name)
        names.add(name)
      }
      at = end
    }
  }
  return [...repeated]
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0
    while (json[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
}

function isBeforeColon(json: string, from: number): boolean {
  let at = from
  while (json.charCodeAt(at) <= 32) at++
  return json.charCodeAt(at) === COLON
}

/** `he\u0061lth` is health too. */
const unquote = (literal: string): string =>
  literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
