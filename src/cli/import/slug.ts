/** Letters that Unicode does not decompose into a base letter and a mark. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ø: 'o',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
}

/** Leaves room for `-2`, `-3`… within the 64 characters that an id may have. */
const MAX_LENGTH = 60

/** `Środowisko & zdrowie` → `srodowisko-zdrowie`; empty if nothing of the text can be kept. */
export const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, (letter) => UNDECOMPOSED[letter] ?? (/\p{Mark}/u.test(letter) ? '' : ' '))
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, '')

/** One slug for each text, all different; `category-3` for a third text of which nothing can be kept. */
export function uniqueSlugs(texts: readonly string[]): string[] {
  const taken = new Set<string>()
  return texts.map((text, index) => {
    const base = slug(text) || `category-${index + 1}`
    let candidate = base
    for (let number = 2; taken.has(candidate); number++) candidate = `${base}-${number}`
    taken.add(candidate)
    return candidate
  })
}
