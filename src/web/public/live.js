/**
 * Pages that move with the results: numbers and charts at once, as messages come; the sentences around them, which the
 * server writes, calmly after. Without this file the page shows what it showed when it was loaded.
 */
import { Feed, POLL_SECONDS } from './live-feed.js'
import { showNumbers } from './live-numbers.js'
import { becomeLike, fetchAgain } from './live-page.js'
import { count, wordsOf } from './words.js'

/** The rest of the page follows within so long. Thousands watch: each asks at a time of its own. */
const CALM_MS = [10_000, 30_000]
/** When the charts cannot show what has come as they are. */
const SOON_MS = [300, 2000]
/** What is over in less is not told to who listens. */
const TELL_AFTER_MS = 5000
/** A process may be behind another one for a moment. If all are for so long, the service was put back to an older state. */
const BEHIND_MS = 60_000

const strip = document.querySelector('[data-live]')
const root = strip?.closest('[data-live-root]')
if (root) live(strip, root)

/** @param {HTMLElement} strip @param {HTMLElement} root */
function live(strip, root) {
  const say = wordsOf(strip)
  const [line, button, status] = ['state', 'pause', 'said'].map((name) =>
    strip.querySelector(`[data-live-${name}]`),
  )
  const time = new Intl.DateTimeFormat(document.documentElement.lang, {
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    hourCycle: 'h23',
  })
  let shown = { position: root.dataset.position, at: new Date() }
  let state = ''
  let [isPaused, isOutdated] = [false, false]
  /** Came while somebody was selecting something. */
  let waiting
  let last
  let behindSince

  const feed = new Feed(strip.dataset.live, { message: receive, state: tell })
  const rest = calmly(async () => {
    const wanted = await fetchAgain(root, strip.dataset.fragment)
    isOutdated = wanted.querySelector('[data-live]')?.dataset.version !== strip.dataset.version
    if (isOutdated) return void tell(state)
    const [drawn, next] = [root, wanted].map(({ dataset }) => dataset.position)
    if (isBefore(next, drawn) && !isBefore(shown.position, drawn))
      throw new Error('it is older than what is there')
    if (isPaused || isSelecting(root)) throw new Error('not now')
    // Caches may be behind what came as messages: numbers do not go back.
    if (last && isBefore(next, last.position)) showNumbers(wanted, last)
    else note(next)
    becomeLike(root, wanted)
    if (isBefore(next, shown.position)) rest.want(CALM_MS)
  })

  function receive(view) {
    const isBehind = isBefore(view.position, shown.position)
    behindSince = isBehind ? (behindSince ?? performance.now()) : undefined
    if (isBehind && performance.now() - behindSince < BEHIND_MS) return
    last = view
    if (isSelecting(root)) waiting = view
    else show(view)
  }

  function show(view) {
    waiting = undefined
    const isAllShown = showNumbers(root, view)
    note(view.position)
    if (isOutdated || view.position === root.dataset.position) return
    const isAlike =
      view.status === root.dataset.status &&
      view.submissions.counted > 0 === root.dataset.counted > 0 &&
      !('pending' in root.dataset)
    rest.want(isAllShown && isAlike ? CALM_MS : SOON_MS)
  }

  function note(position) {
    if (position !== shown.position) shown = { position, at: new Date() }
  }

  /** Says how it is: to the eye at once, to the ear only what lasts. */
  const tellLater = later((text) => {
    status.textContent = text
  })
  function tell(next) {
    const before = state
    state = next
    line.dataset.state = isOutdated ? 'paused' : state
    const values = { time: time.format(shown.at), seconds: POLL_SECONDS }
    const text = say(isOutdated ? 'outdated' : state, values)
    if (line.textContent !== text) line.textContent = text
    const isNews = before !== '' && (before === 'lost') !== (state === 'lost')
    if (isNews && before !== 'paused') tellLater(text)
  }

  function pause(paused) {
    isPaused = paused
    button.textContent = say(paused ? 'goOn' : 'pause')
    if (paused) {
      feed.stop()
      rest.forget()
      tell('paused')
    } else feed.start()
    // On demand, and only then, the numbers are told to who listens.
    const counted = last?.submissions.counted
    const summary = counted === undefined ? '' : say('counted', { count: counted, number: count(counted) })
    status.textContent = `${line.textContent}. ${summary}`
  }

  button.hidden = false
  button.addEventListener('click', () => pause(!isPaused))
  document.addEventListener('selectionchange', () => {
    if (waiting && !isSelecting(root)) show(waiting)
  })
  const look = () => {
    if (isPaused) return
    if (document.visibilityState === 'visible') feed.start()
    else {
      feed.stop()
      rest.forget()
    }
  }
  document.addEventListener('visibilitychange', look)
  // A page that is kept for the way back must not hold a connection.
  window.addEventListener('pagehide', () => feed.stop())
  window.addEventListener('pageshow', look)
  window.addEventListener('online', () => feed.hurry())
  look()
}

/** @param {string} position @param {string} other */
const isBefore = (position, other) => BigInt(position) < BigInt(other)

function isSelecting(root) {
  const selection = document.getSelection()
  return selection !== null && !selection.isCollapsed && selection.containsNode(root, true)
}

/** Does something once in a while, however often it is wanted; again if it fails. */
function calmly(action) {
  let timer
  let due = Number.POSITIVE_INFINITY
  /** @param {number[]} span */
  const want = ([from, to]) => {
    const at = performance.now() + from + Math.random() * (to - from)
    if (at >= due) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(run, at - performance.now())
  }
  const run = () => {
    due = Number.POSITIVE_INFINITY
    action().catch(() => want(CALM_MS))
  }
  const forget = () => {
    clearTimeout(timer)
    due = Number.POSITIVE_INFINITY
  }
  return { want, forget }
}

function later(action) {
  let timer
  return (text) => {
    clearTimeout(timer)
    timer = setTimeout(() => action(text), TELL_AFTER_MS)
  }
}
