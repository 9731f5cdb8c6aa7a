/** The form's fields and bars: reading them, and drawing what they hold. */
import { restOf, WHOLE } from './split.js'
import { percent } from './words.js'

/** The fields in the poll's own order. @param {HTMLInputElement[]} shown */
export const byPlace = (shown) => [...shown].sort((a, b) => a.dataset.place - b.dataset.place)

/**
 * Reads a field as the server does; undefined if it is no share that the poll takes.
 * @param {string} text
 * @param {number} step
 */
export function basisPoints(text, step) {
  const plain = text.normalize('NFKC').trim().replace(/\s*%$/, '')
  if (plain === '') return 0
  const [, whole, fraction = ''] = /^\+?(\d*)(?:[.,](\d*))?$/.exec(plain) ?? []
  if (whole === undefined || whole + fraction === '') return undefined
  const value = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, '0'))
  return value > WHOLE || value % step !== 0 || /[1-9]/.test(fraction.slice(2)) ? undefined : value
}

/** @param {(number | undefined)[]} shares */
export function remaining(shares, say) {
  const unclear = shares.filter((share) => share === undefined).length
  if (unclear > 0) return { text: say('unclear', { count: unclear }), state: 'over' }
  const rest = restOf(shares)
  if (rest === 0) return { text: say('exact', { whole: percent(WHOLE) }), state: 'exact' }
  const state = rest > 0 ? 'under' : 'over'
  return { text: say(state, { amount: percent(Math.abs(rest)) }), state }
}

/** Moves bars and sliders; nothing else on the page moves. */
export function draw(form, shown, shares) {
  const sum = shares.reduce((total, share) => total + (share ?? 0), 0)
  const scale = Math.max(sum, WHOLE) / 100
  let before = 0
  for (const [index, input] of shown.entries()) {
    const share = shares[index] ?? 0
    const id = input.dataset.share
    form.querySelector(`[data-bar="${id}"]`).setAttribute('width', `${share / 100}%`)
    const slice = form.querySelector(`[data-slice="${id}"]`)
    slice.setAttribute('x', `${before / scale}%`)
    slice.setAttribute('width', `${share / scale}%`)
    const slider = form.querySelector(`[data-slider="${id}"]`)
    if (slider) slider.value = share / 100
    before += share
  }
}
