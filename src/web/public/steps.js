/**
 * What can be undone and redone. A state is a list of texts: what each field holds, in the poll's order, and last which
 * of them are locked (`1`) or not (`0`). The server and the browser hand the same list to each other.
 */

/** @typedef {readonly string[]} State */
/** @typedef {{ readonly past: readonly State[], readonly future: readonly State[] }} Steps */

/** Enough for anybody's second thoughts, and less than a form may weigh. */
const MAX_STEPS = 50
const MAX_LENGTH = 8000

/** @type {Steps} */
export const noSteps = { past: [], future: [] }

/** After something was done. @param {Steps} steps @param {State} before @returns {Steps} */
export const did = ({ past }, before) => ({ past: [...past, before].slice(-MAX_STEPS), future: [] })

/** @param {Steps} steps @param {State} now @returns {{ steps: Steps, state: State } | undefined} */
export function undone({ past, future }, now) {
  const state = past.at(-1)
  return state && { steps: { past: past.slice(0, -1), future: [now, ...future] }, state }
}

/** @param {Steps} steps @param {State} now @returns {{ steps: Steps, state: State } | undefined} */
export function redone({ past, future }, now) {
  const [state, ...later] = future
  return state && { steps: { past: [...past, now], future: later }, state }
}

/** As the form carries it; the oldest steps go first where it would be too much. @param {Steps} steps @returns {string} */
export function writeSteps(steps) {
  const text = JSON.stringify([steps.past, steps.future])
  if (text.length <= MAX_LENGTH) return text
  const { past, future } = steps
  return writeSteps(past.length > 0 ? { past: past.slice(1), future } : { past, future: future.slice(0, -1) })
}

/** Whatever is not the form's own counts as nothing. @param {unknown} text @param {number} fields @returns {Steps} */
export function readSteps(text, fields) {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return noSteps
  try {
    const [past, future] = JSON.parse(text)
    const fits = [...past, ...future].every((state) => isState(state, fields))
    return fits ? { past: past.slice(-MAX_STEPS), future: future.slice(0, MAX_STEPS) } : noSteps
  } catch {
    return noSteps
  }
}

const isState = (state, fields) =>
  Array.isArray(state) && state.length === fields + 1 && state.every((text) => typeof text === 'string')
