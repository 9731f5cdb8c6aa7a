/**
 * The form's conveniences: the running total, and every button at once instead of by a new page. What they do, the
 * server does without this file (`pages/form-draft.ts`), by the same arithmetic.
 */
import { findDraft, keepDraft } from './draft.js'
import { basisPoints, byPlace, draw, remaining } from './form-fields.js'
import { whenSeen } from './seen.js'
import { showSliders } from './sliders.js'
import { moved, restOf, splitRest, stepsOf } from './split.js'
import { did, readSteps, redone, undone, writeSteps } from './steps.js'
import { entry, percent, wordsOf } from './words.js'

const ANNOUNCE_AFTER_MS = 700
const [FAR, NEAR] = [500, 100]

const form = document.querySelector('form[data-split]')
if (form) enhance(form)

/** @param {HTMLFormElement} form */
function enhance(form) {
  const step = Number(form.dataset.step)
  const say = wordsOf(form)
  const shown = [...form.querySelectorAll('input[data-share]')]
  const inPlace = byPlace(shown)
  const locks = inPlace.map((input) => form.querySelector(`[data-lock="${input.dataset.share}"]`))
  const total = form.querySelector('[data-total]')
  const notice = form.querySelector('[data-notice]')
  const announce = debounced((text) => {
    form.querySelector('[data-announce]').textContent = text
  }, ANNOUNCE_AFTER_MS)
  const stored = JSON.parse(form.dataset.stored)

  const state = () => [
    ...inPlace.map(({ value }) => value),
    locks.map(({ checked }) => (checked ? '1' : '0')).join(''),
  ]
  let now = state()
  let steps = readSteps(form.elements.steps.value, inPlace.length)
  /** The field whose key strokes are one step so far. */
  let typing
  let isLeaving = false

  const put = (next) => {
    for (const [place, input] of inPlace.entries()) {
      input.value = next[place]
      locks[place].checked = next.at(-1)[place] === '1'
    }
  }

  /** Shows what the fields hold. @returns {string} what is left, in words */
  const show = () => {
    const shares = shown.map((input) => basisPoints(input.value, step))
    const { text, state: kind } = remaining(shares, say)
    total.dataset.state = kind
    total.querySelector('[data-total-text]').textContent = text
    draw(form, shown, shares)
    for (const [name, list] of Object.entries({ undo: steps.past, redo: steps.future }))
      form.querySelector(`button[value="${name}"]`).setAttribute('aria-disabled', list.length === 0)
    return text
  }

  const keep = () => {
    form.elements.steps.value = writeSteps(steps)
    keepDraft(form, { state: now, steps })
  }

  /** Takes over what the fields hold now. @param by the field that somebody types in @param sentence about it */
  const changed = (by, sentence) => {
    const next = state()
    if (next.join('\n') !== now.join('\n')) {
      if (by === undefined || by !== typing) steps = did(steps, now)
      now = next
      keep()
    }
    typing = by
    tell(sentence)
  }

  const tell = (sentence = '') => {
    const text = show()
    notice.textContent = sentence
    announce([sentence, text].filter(Boolean).join(' '))
  }

  const write = (input, share) => {
    input.value = entry(share)
  }

  const split = (way) => {
    const shares = shown.map((input) => basisPoints(input.value, step))
    const unread = shares.filter((share) => share === undefined).length
    if (unread > 0) return tell(say('unclear', { count: unread }))
    const locked = shown.map((input) => locks[inPlace.indexOf(input)].checked)
    const place = shown.findIndex((input) => input.dataset.share === way)
    const rows = shares.map((share, index) => ({ share, locked: locked[index] }))
    const outcome = splitRest(rows, step, place < 0 ? way : place)
    if (outcome.refused) {
      const category = form.elements.into.selectedOptions[0].text
      return tell(say(refusals[outcome.refused], { category }))
    }
    for (const [index, share] of outcome.shares.entries())
      if (share !== shares[index]) write(shown[index], share)
    changed(undefined, say('given', { amount: percent(restOf(shares)) }))
  }

  const goBack = (find, done, nothing) => {
    const found = find(steps, now)
    if (!found) return tell(say(nothing))
    ;[steps, now, typing] = [found.steps, found.state, undefined]
    put(now)
    keep()
    tell(say(done))
  }

  const act = (value, isNear) => {
    const [name, category] = value.split(':')
    if (name === 'undo') goBack(undone, 'undone', 'nothingToUndo')
    else if (name === 'redo') goBack(redone, 'redone', 'nothingToRedo')
    else if (name === 'reset') {
      put([...inPlace.map(() => ''), '0'.repeat(inPlace.length)])
      changed(undefined, say('cleared'))
    } else if (category) {
      const input = shown.find((each) => each.dataset.share === category)
      const direction = name === 'more' ? 1 : -1
      write(input, moved(basisPoints(input.value, step), direction, isNear ? NEAR : FAR, step))
      changed()
    } else split(name === 'one' ? form.elements.into.value : name)
  }

  form.addEventListener('input', ({ target }) => {
    const input = shown.find((each) => each === target || each.dataset.share === target.dataset.slider)
    if (input && target !== input) write(input, Math.round(target.value * 100))
    if (input || target.dataset.lock) changed(input && target)
  })
  form.addEventListener('focusout', () => {
    typing = undefined
  })
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[name="do"]')
    if (!button) return
    event.preventDefault()
    act(button.value, event.shiftKey)
  })
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches?.('input[type="text"]'))
      return
    const key = event.key.toLowerCase()
    if (key !== 'z' && key !== 'y') return
    event.preventDefault()
    act(key === 'y' || event.shiftKey ? 'redo' : 'undo')
  })

  form.addEventListener('submit', (event) => {
    const warning = form.querySelector('[data-offline]')
    warning.hidden = navigator.onLine
    isLeaving = navigator.onLine
    if (navigator.onLine) return
    event.preventDefault()
    warning.textContent = say('offline')
  })
  window.addEventListener('beforeunload', (event) => {
    const isUnsaved = now.slice(0, -1).join('\n') !== stored.slice(0, -1).join('\n')
    if (isUnsaved && !isLeaving) event.preventDefault()
  })
  // A browser that comes back to this page may put entries into the fields after this script has run.
  window.addEventListener('pageshow', () => {
    isLeaving = false
    if (state().join('\n') !== now.join('\n')) changed()
  })

  whenSeen(form.dataset.poll, () => {
    form.elements.seen.value = 'yes'
  })
  for (const button of form.querySelectorAll('.step'))
    button.title = say('steps', { large: entry(stepsOf(FAR, step)), small: entry(stepsOf(NEAR, step)) })
  // The browser's own memory of forms would offer other people's numbers; this file remembers better.
  for (const input of shown) input.autocomplete = 'off'
  showSliders(form, { shown, step, say })

  const draft = form.dataset.sent === undefined ? findDraft(form) : undefined
  if (draft && draft.state.join('\n') !== now.join('\n')) {
    ;({ state: now, steps } = draft)
    put(now)
    tell(say('restored'))
  } else show()
  keep()
}

/** What the arithmetic refuses, in words. */
const refusals = {
  'nothing-left': 'nothingLeft',
  'all-locked': 'allLocked',
  'nothing-there': 'nothingThere',
  locked: 'oneLocked',
}

function debounced(action, milliseconds) {
  let timer
  return (...values) => {
    clearTimeout(timer)
    timer = setTimeout(() => action(...values), milliseconds)
  }
}
