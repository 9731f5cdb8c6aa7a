import Negotiator from 'negotiator'
import { chosenBy } from './cache-control.ts'
import { type Format, formatFor } from './words/format.ts'
import { type Language, languages } from './words/languages.ts'
import { type Words, wordsIn } from './words/words.ts'

/** How a page speaks to the person who asked for it. The same object for the same language and base. */
export interface Locale {
  readonly language: Language
  /** What the addresses of the pages begin with: `/es` if this one's did, nothing if the browser chose. */
  readonly base: '' | `/${Language}`
  readonly words: Words
  readonly format: Format
}

const locales = new Map(
  languages.flatMap((language) =>
    (['', `/${language}`] as const).map((base): [string, Locale] => [
      `${language} ${base}`,
      { language, base, words: wordsIn(language), format: formatFor(language) },
    ]),
  ),
)

const localeAt = (language: Language, base: Locale['base']): Locale => locales.get(`${language} ${base}`)!

const prefix = new RegExp(`^/(${languages.join('|')})(?=[/?]|$)`)

/** What is below these is no page, and the same in every language. */
const noPages = /^\/(api|assets|docs|openapi\.json|livez|readyz|metrics|operator)(?=[/?]|$)/

/**
 * The address of the page in no language, so that every route is there once: `/es/results` → `/results`. For what is no
 * page it is one look at one character.
 */
export function withoutLanguage(url: string): string {
  if (url.length > 3 && url[3] !== '/' && url[3] !== '?') return url
  const language = prefix.exec(url)?.[0]
  if (language === undefined) return url
  const rest = url.slice(language.length)
  if (noPages.test(rest)) return url
  return rest.startsWith('/') ? rest : `/${rest}`
}

interface Asked {
  /** As it was sent. */
  readonly originalUrl: string
  readonly headers: { readonly 'accept-language'?: string | undefined }
}

/** The language that the address names; else the one that the browser would rather have; else the first. */
export function localeOf({ originalUrl, headers }: Asked): Locale {
  const named = prefix.exec(originalUrl)?.[1] as Language | undefined
  if (named !== undefined) return localeAt(named, `/${named}`)
  const wanted = new Negotiator({ headers: { 'accept-language': headers['accept-language'] } })
  return localeAt((wanted.language([...languages]) as Language | undefined) ?? languages[0], '')
}

/** Headers of a page in a language: where the browser chose it, caches keep one page for each choice. */
export const languageHeaders = ({ language, base }: Locale) => ({
  'content-language': language,
  ...(base === '' ? chosenBy('accept-encoding, accept-language') : { vary: 'accept-encoding' }),
})
