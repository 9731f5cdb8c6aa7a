/** Keeps the parts of a page that change by themselves up to date. Without this file a link does. */
const EVERY_MS = 1500
const AFTER_FAILURE_MS = 5000

const live = document.querySelector('[data-live]')
if (live) keepFresh(live)

/** @param {HTMLElement} part */
function keepFresh(part) {
  // As what is fetched begins: with an element.
  if (part.firstChild.nodeType === Node.TEXT_NODE) part.firstChild.remove()
  let isPaused = false
  let timer
  offerPause(part)

  const next = (ms) => {
    clearTimeout(timer)
    timer = setTimeout(refresh, ms)
  }
  const refresh = async () => {
    if (isPaused || document.hidden) return
    try {
      const response = await fetch(part.dataset.live, { headers: { 'x-fragment': '1' }, redirect: 'error' })
      if (response.status === 401) return signedOut(part)
      if (!response.ok) throw new Error(`status ${response.status}`)
      show(part, await response.text())
      next(EVERY_MS)
    } catch {
      tell(part, 'Cannot be refreshed at the moment: this is how it was.')
      next(AFTER_FAILURE_MS)
    }
  }

  part.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-pause]')
    if (!button) return
    isPaused = !isPaused
    button.textContent = isPaused ? 'Refresh again' : 'Stop refreshing'
    if (!isPaused) refresh()
  })
  // Nobody looks at a hidden tab.
  document.addEventListener('visibilitychange', () => !document.hidden && refresh())
  next(EVERY_MS)
}

/** The button takes the place of the link that works without a script. */
function offerPause(part) {
  part.querySelector('[data-refresh]').hidden = true
  part.querySelector('[data-pause]').hidden = false
}

function tell(part, text) {
  part.querySelector('[data-trouble]').textContent = text
}

function signedOut(part) {
  tell(part, 'You are signed out.')
  const link = part.querySelector('[data-refresh]')
  link.textContent = 'Sign in again'
  link.hidden = false
  part.querySelector('[data-pause]').hidden = true
}

/** Changes what has changed and leaves the rest alone, so that nobody loses their place. */
function show(part, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').body
  const summary = summaryOf(part)
  morphChildren(part, fresh)
  const now = summaryOf(part)
  // Those who listen are told of states that change, not of every number.
  if (now !== summary) document.querySelector('[data-announce]').textContent = now
  const isOver = part.querySelector('progress') === null
  for (const form of document.querySelectorAll('[data-while-running]')) form.hidden = isOver
}

const summaryOf = (part) => part.querySelector('[data-summary]').dataset.summary

function morphChildren(old, fresh) {
  const children = [...fresh.childNodes]
  for (const [index, child] of children.entries()) {
    const present = old.childNodes[index]
    if (!present) old.append(child)
    else if (present.nodeName !== child.nodeName || present.id !== child.id) present.replaceWith(child)
    else morph(present, child)
  }
  while (old.childNodes.length > children.length) old.lastChild.remove()
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue
    return
  }
  // These two belong to the script.
  if (old.matches('[data-refresh], [data-pause]')) return
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  // What is unfolded stays so.
  for (const name of old.getAttributeNames())
    if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS'))
      old.removeAttribute(name)
  morphChildren(old, fresh)
}
