/** The words of scripts: they come with the page, in the attribute `data-words` of the element that a script works on. */
const { lang } = document.documentElement
const rules = new Intl.PluralRules(lang)
const shares = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 })
const tenths = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const whole = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 })
const minute = new Intl.DateTimeFormat(lang, {
  ...{ dateStyle: 'medium', timeStyle: 'short' },
  ...{ hourCycle: 'h23', timeZone: 'UTC' },
})
const entries = new Intl.NumberFormat(lang, { maximumFractionDigits: 2, useGrouping: false })

/** Basis points as they are read: 2550 → `25.5 %`. @param {number} basisPoints */
export const percent = (basisPoints) => `${shares.format(basisPoints / 100)}\u00a0%`

/** With one decimal, always. @param {number} basisPoints */
export const percent1 = (basisPoints) => `${tenths.format(basisPoints / 100)}\u00a0%`

/** From one share to another. @param {number} from @param {number} to */
export const range = (from, to) =>
  from === to ? percent(from) : `${shares.format(from / 100)}–${percent(to)}`

/** 12345 → `12,345`. @param {number} number */
export const count = (number) => whole.format(number)

/** Day and minute of an instant, in UTC. @param {string} instant ISO 8601 */
export const dateTime = (instant) => `${minute.format(new Date(instant))} UTC`

/** Basis points as they stand in a field: 2550 → `25.5`. @param {number} basisPoints */
export const entry = (basisPoints) => entries.format(basisPoints / 100)

/**
 * What says the sentences of an element: `say('over', { amount })`. Of a sentence in several forms, the number `count`
 * among the values chooses one.
 * @param {HTMLElement} element
 */
export function wordsOf(element) {
  const words = JSON.parse(element.dataset.words)
  return (name, values = {}) => {
    const forms = words[name]
    const template = typeof forms === 'string' ? forms : (forms[rules.select(values.count)] ?? forms.other)
    return template.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all)
  }
}
