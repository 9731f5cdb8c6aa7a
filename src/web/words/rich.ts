/** Sentences with something marked in them. What is put into one stays text: only these functions make markup. */

export type Piece =
  | string
  | { readonly strong: Rich }
  | { readonly link: string; readonly href: string; readonly isDownload?: boolean }
  | { readonly time: string; readonly instant: string; readonly live?: string | undefined }
  | { readonly text: string; readonly live: string }

/** A sentence, to be shown by `views/partials/rich.ejs`. */
export type Rich = readonly Piece[]

/** rich`Write ${strong('this')} to ${name}.` */
export const rich = (texts: TemplateStringsArray, ...values: readonly (Piece | Rich)[]): Rich =>
  texts.flatMap((text, index): Rich => {
    const value = values[index]
    return value === undefined ? [text] : Array.isArray(value) ? [text, ...value] : [text, value as Piece]
  })

export const strong = (text: string | Rich): Piece => ({ strong: typeof text === 'string' ? [text] : text })

export const link = (text: string, href: string): Piece => ({ link: text, href })

/** A link to a file to be kept. */
export const download = (text: string, href: string): Piece => ({ link: text, href, isDownload: true })

/** @param instant ISO 8601; @param text how people write it; @param live as of `moving` */
export const time = (text: string, instant: string, live?: string): Piece => ({ time: text, instant, live })

/** Moves on live pages. @param live name of the value in live messages: see `public/live-numbers.js` */
export const moving = (text: string, live: string): Piece => ({ text, live })
