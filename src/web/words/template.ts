import type { Plural } from './format.ts'

/** Words for a script, which can be given no functions: `{name}` stands for a value; of a plural, `{count}` chooses. */
export type Template = string | Plural

/** Puts values into a template as `public/words.js` does. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all)
