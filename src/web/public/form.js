/** The form's conveniences: the running total, and − and + for every field. Without this file the form works too. */
import { entry, percent, wordsOf } from './words.js'

const WHOLE = 10000
const ANNOUNCE_AFTER_MS = 700

const form = document.querySelector('form[data-split]')
if (form) enhance(form)

/** @param {HTMLFormElement} form */
function enhance(form) {
  const step = Number(form.dataset.step)
  const say = wordsOf(form)
  /** At least so many basis points, in whole steps of the poll. @param {number} least */
  const stepsOf = (least) => Math.ceil(least / step) * step
  const inputs = [...form.querySelectorAll('input[data-share]')]
  const total = form.querySelector('[data-total]')
  const announce = debounced((text) => {
    form.querySelector('[data-announce]').textContent = text
  }, ANNOUNCE_AFTER_MS)

  const update = () => {
    const shares = inputs.map((input) => basisPoints(input.value, step))
    const { text, state } = remaining(shares, say)
    total.dataset.state = state
    total.querySelector('[data-total-text]').textContent = text
    draw(form, inputs, shares)
    return text
  }

  form.addEventListener('input', () => announce(update()))
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-by]')
    if (!button) return
    const input = button.closest('.row').querySelector('input[data-share]')
    const size = stepsOf(event.shiftKey ? 100 : 500)
    const value = (basisPoints(input.value, step) ?? 0) + Number(button.dataset.by) * size
    input.value = entry(Math.min(WHOLE, Math.max(0, value)))
    announce(update())
  })

  for (const button of form.querySelectorAll('button[data-by]')) {
    button.hidden = false
    button.title = say('steps', { large: entry(stepsOf(500)), small: entry(stepsOf(100)) })
  }
  update()
  // A browser that comes back to this page may put entries into the fields after this script has run.
  window.addEventListener('pageshow', update)
}

/**
 * Reads a field as the server does; undefined if it is no share that the poll takes.
 * @param {string} text
 * @param {number} step
 */
function basisPoints(text, step) {
  const plain = text.normalize('NFKC').trim().replace(/\s*%$/, '')
  if (plain === '') return 0
  const [, whole, fraction = ''] = /^\+?(\d*)(?:[.,](\d*))?$/.exec(plain) ?? []
  if (whole === undefined || whole + fraction === '') return undefined
  const value = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, '0'))
  return value > WHOLE || value % step !== 0 || /[1-9]/.test(fraction.slice(2)) ? undefined : value
}

/** @param {(number | undefined)[]} shares */
function remaining(shares, say) {
  const unclear = shares.filter((share) => share === undefined).length
  if (unclear > 0) return { text: say('unclear', { count: unclear }), state: 'over' }
  const rest = shares.reduce((left, share) => left - share, WHOLE)
  if (rest === 0) return { text: say('exact', { whole: percent(WHOLE) }), state: 'exact' }
  const state = rest > 0 ? 'under' : 'over'
  return { text: say(state, { amount: percent(Math.abs(rest)) }), state }
}

/** Moves the bars; nothing else on the page moves. */
function draw(form, inputs, shares) {
  const sum = shares.reduce((total, share) => total + (share ?? 0), 0)
  const scale = Math.max(sum, WHOLE) / 100
  let before = 0
  for (const [index, input] of inputs.entries()) {
    const share = shares[index] ?? 0
    const id = input.dataset.share
    form.querySelector(`[data-bar="${id}"]`).setAttribute('width', `${share / 100}%`)
    const slice = form.querySelector(`[data-slice="${id}"]`)
    slice.setAttribute('x', `${before / scale}%`)
    slice.setAttribute('width', `${share / scale}%`)
    before += share
  }
}

function debounced(action, milliseconds) {
  let timer
  return (...values) => {
    clearTimeout(timer)
    timer = setTimeout(() => action(...values), milliseconds)
  }
}
