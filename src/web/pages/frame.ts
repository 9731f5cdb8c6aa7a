import type { FastifyRequest } from 'fastify'
import type { Locale } from '../locale.ts'
import { type Language, languageNames, languages } from '../words/languages.ts'
import type { PollLinks } from './links.ts'

/** What a page looks like where somebody shares its address: `views/partials/open-graph.ejs`. */
interface OpenGraph {
  /** Absolute address of a picture, best 1200 × 630. */
  readonly image: string
  readonly imageAlt: string
  /** If they shall differ from the page's own. */
  readonly title?: string
  readonly description?: string
}

/** What a page says of itself to the layout. */
export interface FrameInput {
  readonly locale: Locale
  readonly title: string
  /** One or two sentences; left out, what the whole site is. */
  readonly description?: string
  readonly links: PollLinks
  /** Which entry of the navigation this page is. */
  readonly current?: 'form' | 'results' | 'trends' | 'history'
  /** Language of the poll's own texts, from `PollTexts`. */
  readonly pollLang?: string
  /** Path and query without a language (see `addressOf`); undefined: the page is in this language only. */
  readonly address?: string | undefined
  /** Where people reach us, for pages that search engines may list: their address is `address` without its query. */
  readonly listedAt?: string
  readonly openGraph?: OpenGraph
  /** The poll whose collective results this page shows: a form filled in afterwards records that they were seen. */
  readonly resultsOf?: string
  /** Names of scripts in `public`. */
  readonly scripts?: readonly string[]
  /** A page of its own kind, without our header and footer: the body's class. */
  readonly bare?: 'widget' | 'screen'
  /** Seconds after which a browser without scripts loads the page again. */
  readonly refresh?: number
}

/** The same page in another language. */
interface OtherLanguage {
  readonly language: Language
  readonly name: string
  readonly href: string
}

/** What the layout works with, beside `words` and `format`. */
export interface PageFrame extends Omit<FrameInput, 'address' | 'listedAt'> {
  readonly description: string
  readonly pollLang: string
  readonly scripts: readonly string[]
  readonly otherLanguages: readonly OtherLanguage[]
  /** Absolute addresses of a page that is for search engines. */
  readonly listed?: {
    readonly canonical: string
    readonly alternates: readonly { readonly hreflang: string; readonly href: string }[]
  }
}

/** The address that a page has in other languages, too. An answer to what was sent has none: a link would lose it. */
export const addressOf = ({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): string | undefined =>
  method === 'GET' || method === 'HEAD' ? url : undefined

/** Completes what a page says of itself. */
export function frameOf({ address, listedAt, ...input }: FrameInput): PageFrame {
  const { locale } = input
  const others = languages.filter((language) => language !== locale.language)
  const path = address?.replace(/\?.*/, '')
  return {
    ...input,
    description: input.description ?? locale.words.common.description,
    pollLang: input.pollLang ?? locale.language,
    scripts: [...(input.scripts ?? []), ...(input.resultsOf === undefined ? [] : ['seen-results.js'])],
    otherLanguages: address
      ? others.map((language) => ({
          language,
          name: languageNames[language],
          href: `/${language}${address}`,
        }))
      : [],
    ...(listedAt !== undefined &&
      path !== undefined && { listed: listedIn(locale.language, listedAt, path) }),
  }
}

/** One page in one language has one address, whichever way one came to it. */
const listedIn = (language: Language, publicUrl: string, path: string) => ({
  canonical: `${publicUrl}/${language}${path}`,
  alternates: [
    ...languages.map((each) => ({ hreflang: each as string, href: `${publicUrl}/${each}${path}` })),
    { hreflang: 'x-default', href: publicUrl + path },
  ],
})
