/**
 * The big screen: follows the results by asking every few seconds whether they have moved, and fills the whole screen on
 * request. It says nothing aloud but that the connection is lost.
 */
import { wordsOf } from './words.js'

const EVERY_MS = 3000
const LONGEST_MS = 60_000

const screen = document.querySelector('[data-screen]')
const say = wordsOf(screen)
const lost = screen.querySelector('[data-lost]')

let etag
let pause = EVERY_MS

async function follow() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, {
        cache: 'no-store',
        headers: etag ? { 'if-none-match': etag } : {},
        signal: AbortSignal.timeout(10_000),
      })
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status))
        etag = answer.headers.get('etag')
        show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
      }
      pause = EVERY_MS
      lost.textContent = ''
    } catch {
      // Fewer questions for a server in trouble.
      pause = Math.min(LONGEST_MS, pause * 2)
      const sentence = say('lost')
      if (lost.textContent !== sentence) lost.textContent = sentence
    }
  }
  setTimeout(follow, pause)
}

const idsIn = (part) => [...part.querySelectorAll('[data-row]')].map(({ dataset }) => dataset.row).join()

/** Puts the new numbers into place: the same rows move, other rows come anew. @param {Document} next */
function show(next) {
  const [count, rows] = ['count', 'rows'].map((name) => screen.querySelector(`[data-part=${name}]`))
  const [newCount, newRows] = ['count', 'rows'].map((name) => next.querySelector(`[data-part=${name}]`))
  if (!newCount || !newRows) throw new Error('another page')
  count.replaceChildren(...newCount.childNodes)
  rows.dataset.position = newRows.dataset.position
  rows.className = newRows.className
  if (idsIn(rows) === '' || idsIn(rows) !== idsIn(newRows)) return rows.replaceChildren(...newRows.childNodes)
  for (const row of newRows.querySelectorAll('[data-row]')) {
    const shown = rows.querySelector(`[data-row="${row.dataset.row}"]`)
    shown.querySelector('[data-value]').textContent = row.querySelector('[data-value]').textContent
    const width = row.querySelector('[data-width]').getAttribute('width')
    shown.querySelector('[data-width]').setAttribute('width', width)
  }
}

/** In and out of full screen; where there is none nothing is offered. */
function offerFullScreen() {
  const controls = screen.querySelector('[data-controls]')
  const key = screen.querySelector('[data-key]')
  if (!document.fullscreenEnabled) return
  const toggle = () =>
    document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen().catch(() => {})
  controls.hidden = false
  screen.querySelector('[data-full]').addEventListener('click', toggle)
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'f' || event.ctrlKey || event.metaKey || event.altKey) return
    if (!event.repeat && key.checked) toggle()
  })
}

offerFullScreen()
setTimeout(follow, EVERY_MS)
