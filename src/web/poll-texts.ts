import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CategoryId, type PollDefinition } from '../events/poll-events.ts'
import { type Language, languages } from './words/languages.ts'

const Text = z.string().min(1).max(500)

/** `polls/<poll>.<language>.json`: a poll's texts in another language. It is shown on pages, and is no part of the poll. */
export const PollTranslation = z.strictObject({
  /** The language that the poll itself is in, as in BCP 47. */
  original: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'write a language like en'),
  title: Text,
  categories: z.record(CategoryId, z.strictObject({ label: Text, description: z.string().max(500) })),
  baselines: z.record(CategoryId, z.strictObject({ label: Text, source: Text, note: Text.optional() })),
})
export type PollTranslation = z.infer<typeof PollTranslation>

/** A poll as a page shows it. */
export interface PollInLanguage {
  /** Its texts are translated if they can be; everything else is as ever. */
  readonly definition: PollDefinition
  /** The language of these texts, for `lang` attributes; empty (which HTML reads as unknown) if nobody has said. */
  readonly lang: string
}

const fileName = new RegExp(`^([a-z0-9-]+)\\.(${languages.join('|')})\\.json$`)

/** Every poll's texts in the languages that there are. */
export class PollTexts {
  readonly #translations: ReadonlyMap<string, PollTranslation>
  readonly #shown = new WeakMap<PollDefinition, Map<Language, PollInLanguage>>()
  /** Changes with the texts. */
  readonly version: string

  /** @param translations by `<poll>.<language>` */
  constructor(translations: ReadonlyMap<string, PollTranslation>) {
    this.#translations = translations
    const all = JSON.stringify([...translations].sort())
    this.version = createHash('sha256').update(all).digest('base64url').slice(0, 6)
  }

  /** The poll in `language`; in its own where it has no translation that tells of all its categories and baselines. */
  in(language: Language, definition: PollDefinition): PollInLanguage {
    const known = this.#shown.get(definition) ?? new Map<Language, PollInLanguage>()
    this.#shown.set(definition, known)
    const shown = known.get(language) ?? this.#translate(language, definition)
    known.set(language, shown)
    return shown
  }

  #translate(language: Language, definition: PollDefinition): PollInLanguage {
    const fitting = languages.flatMap((each) => {
      const translation = this.#translations.get(`${definition.poll}.${each}`)
      return translation && differences(definition, translation).length === 0 ? [{ each, translation }] : []
    })
    const found = fitting.find(({ each }) => each === language)
    if (!found) return { definition, lang: fitting[0]?.translation.original ?? '' }
    return { definition: translated(definition, found.translation), lang: language }
  }
}

/** Reads every translation in a folder. @throws one that names the file that is none, or none of the poll beside it */
export function readPollTexts(folder: string): PollTexts {
  const translations = new Map<string, PollTranslation>()
  for (const name of readdirSync(folder)) {
    const [, poll, language] = fileName.exec(name) ?? []
    if (poll === undefined) continue
    const file = join(folder, name)
    try {
      translations.set(`${poll}.${language}`, PollTranslation.parse(JSON.parse(readFileSync(file, 'utf8'))))
    } catch (cause) {
      throw new Error(`${file} is no translation of a poll: ${(cause as Error).message}`, { cause })
    }
  }
  return new PollTexts(translations)
}

/** What a translation lacks, or has too much. */
export function differences(definition: PollDefinition, translation: PollTranslation): string[] {
  const { categories, baselines } = definition
  const notes = baselines.filter(
    ({ id, note }) => (note === undefined) !== (translation.baselines[id]?.note === undefined),
  )
  return [
    ...unlike('category', categories, translation.categories),
    ...unlike('baseline', baselines, translation.baselines),
    ...notes.map(({ id }) => `note of ${id}`),
  ]
}

function unlike(
  kind: string,
  things: readonly { id: string }[],
  texts: Readonly<Record<string, unknown>>,
): string[] {
  const ids = things.map(({ id }) => id)
  const missing = ids.filter((id) => !Object.hasOwn(texts, id))
  const unknown = Object.keys(texts).filter((id) => !ids.includes(id))
  return [...missing, ...unknown].map((id) => `${kind} ${id}`)
}

const translated = (definition: PollDefinition, texts: PollTranslation): PollDefinition => ({
  ...definition,
  title: texts.title,
  categories: definition.categories.map((category) => ({ ...category, ...texts.categories[category.id] })),
  baselines: definition.baselines.map((baseline) => ({ ...baseline, ...texts.baselines[baseline.id] })),
})
