/** What is new of a poll: over a WebSocket, or by asking every fifteen seconds where that does not come through. */

/** @typedef {'live' | 'polling' | 'lost'} FeedState */

export const POLL_SECONDS = 15
/** The server says something every twenty seconds: a connection that is silent for longer is dead. */
const SILENCE_MS = 50_000
const FIRST_RETRY_MS = 2000
const LONGEST_RETRY_MS = 60_000
const ANSWER_MS = 10_000
/** WebSockets that fail so often in a row may never come through: from then on it is asked, too. */
const FAILURES = 2
/** What the server closes with when it ends: others are there, and take everybody in so long. */
const RESTARTING = 1012
const RESTART_MS = 1500
/** So often in a row somebody may meet one that ends: for a second, what is in front of it may not have noticed. */
const RESTARTS = 3
/** What it closes with when too many watch. */
const FULL = 1013

/** Not everybody at once: thousands lose their connections at the same moment. @param {number} ms */
const about = (ms) => ms * (0.2 + 0.8 * Math.random())

/** @param {number} failures in a row @param {number} [code] that the server closed with */
function waitAfter(failures, code) {
  if (code === FULL) return LONGEST_RETRY_MS
  if (code === RESTARTING && failures <= RESTARTS) return RESTART_MS
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
}

export class Feed {
  #address
  #tell
  #isRunning = false
  #failures = 0
  /** @type {WebSocket | undefined} */ #socket
  /** @type {AbortController | undefined} */ #asking
  #retry
  #silence
  /** What asking brought last. @type {{ etag: string | null, view: object } | undefined} */ #known

  /**
   * @param {string} address that takes both
   * @param {{ message: (view: object) => void, state: (state: FeedState) => void }} tell
   */
  constructor(address, tell) {
    this.#address = new URL(address, location.href)
    this.#tell = tell
  }

  start() {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#failures = 0
    this.#connect()
  }

  stop() {
    this.#isRunning = false
    clearTimeout(this.#retry)
    this.#hangUp()
    this.#stopAsking()
  }

  /** The network is there again: no need to wait. */
  hurry() {
    if (!this.#isRunning || this.#socket) return
    clearTimeout(this.#retry)
    this.#connect()
  }

  #connect() {
    try {
      const address = new URL(this.#address)
      address.protocol = address.protocol.replace('http', 'ws')
      this.#socket = new WebSocket(address)
    } catch {
      return this.#failed()
    }
    this.#socket.onmessage = ({ data }) => {
      this.#failures = 0
      this.#stopAsking()
      this.#listen()
      this.#tell.message(JSON.parse(data))
      this.#tell.state('live')
    }
    this.#socket.onclose = ({ code }) => this.#failed(code)
    this.#listen()
  }

  #listen() {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#failed(), SILENCE_MS)
  }

  /** @param {number} [code] that the server closed with */
  #failed(code) {
    this.#hangUp()
    this.#failures++
    this.#retry = setTimeout(() => this.#connect(), about(waitAfter(this.#failures, code)))
    if (this.#asking) return
    this.#tell.state('lost')
    if (this.#failures >= FAILURES || code === FULL) this.#ask()
  }

  #hangUp() {
    clearTimeout(this.#silence)
    if (!this.#socket) return
    this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
    this.#socket = undefined
  }

  /** Until a socket brings something. */
  async #ask() {
    const asking = new AbortController()
    this.#asking = asking
    while (!asking.signal.aborted) {
      try {
        await this.#askOnce(asking.signal)
        if (!asking.signal.aborted) this.#tell.state('polling')
      } catch {
        if (!asking.signal.aborted) this.#tell.state('lost')
      }
      await pause(POLL_SECONDS * 1000 * (0.9 + 0.2 * Math.random()), asking.signal)
    }
  }

  /** @param {AbortSignal} signal */
  async #askOnce(signal) {
    const answer = await fetch(this.#address, {
      headers: this.#known?.etag ? { 'if-none-match': this.#known.etag } : {},
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(`answered ${answer.status}`)
      this.#known = { etag: answer.headers.get('etag'), view: await answer.json() }
    }
    if (!signal.aborted) this.#tell.message(this.#known.view)
  }

  #stopAsking() {
    this.#asking?.abort()
    this.#asking = undefined
  }
}

/** @param {number} ms @param {AbortSignal} signal */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
