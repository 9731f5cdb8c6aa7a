import { en } from './en/index.ts'
import { es } from './es/index.ts'
import type { Language } from './languages.ts'

/** Every word of the pages, by page. English is the model: the others must have the same keys and parameters. */
export type Words = typeof en

const catalogues: Readonly<Record<Language, Words>> = { en, es }

export const wordsIn = (language: Language): Words => catalogues[language]
