/**
 * Puts values into a template as `public/words.js` does. Templates are for what a script says, too: it can be given no
 * functions. `{name}` stands for a value.
 */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all)
