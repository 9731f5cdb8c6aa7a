/** Sliders on request: an extra, nothing needs them. That they were asked for is remembered on this device. */
import { basisPoints } from './form-fields.js'
import { percent } from './words.js'

const KEY = 'sliders'

export function showSliders(form, { shown, step, say }) {
  const button = form.querySelector('[data-sliders]')
  const set = (on) => {
    button.setAttribute('aria-pressed', on)
    for (const input of shown) {
      const gauge = form.querySelector(`[data-gauge="${input.dataset.share}"]`)
      if (on) gauge.append(sliderFor(input, { step, say, label: labelOf(form, input) }))
      else gauge.querySelector('input')?.remove()
    }
  }
  button.hidden = false
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true'
    set(on)
    remember(on)
  })
  form.addEventListener('input', ({ target }) => {
    if (target.dataset.slider) target.setAttribute('aria-valuetext', percent(target.value * 100))
  })
  if (isRemembered()) set(true)
}

function sliderFor(input, { step, say, label }) {
  const slider = document.createElement('input')
  Object.assign(slider, { type: 'range', min: 0, max: 100, step: step / 100 })
  slider.value = (basisPoints(input.value, step) ?? 0) / 100
  slider.dataset.slider = input.dataset.share
  slider.setAttribute('aria-label', say('slider', { category: label }))
  slider.setAttribute('aria-valuetext', percent(slider.value * 100))
  return slider
}

const labelOf = (form, input) => form.querySelector(`label[for="${input.id}"]`).textContent

function remember(on) {
  try {
    if (on) localStorage.setItem(KEY, 'on')
    else localStorage.removeItem(KEY)
  } catch {}
}

function isRemembered() {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}
