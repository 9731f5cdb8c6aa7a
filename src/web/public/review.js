/**
 * Sends the reviewed split without leaving the page before it is stored: a lost connection is told, waited out and tried
 * again. The form's token makes one submission of all attempts.
 */
import { dropDraft } from './draft.js'
import { wordsOf } from './words.js'

const GIVE_UP_AFTER_MS = 20_000
/** Pauses between attempts, in seconds. */
const PAUSES = [2, 4, 8, 15, 30]

const form = document.querySelector('form[data-send]')
if (form) enhance(form)

/** @param {HTMLFormElement} form */
function enhance(form) {
  const say = wordsOf(form)
  const button = form.querySelector('[data-submit]')
  const progress = form.querySelector('[data-progress]')
  let isSending = false
  let isLeaving = false

  const tell = (text) => {
    progress.textContent = text
  }

  form.addEventListener('submit', (event) => {
    if (event.submitter?.name === 'do') {
      isLeaving = true
      return
    }
    event.preventDefault()
    if (isSending) return
    isSending = true
    button.setAttribute('aria-disabled', 'true')
    send().finally(() => {
      isSending = false
      button.removeAttribute('aria-disabled')
    })
  })
  window.addEventListener('beforeunload', (event) => {
    if (!isLeaving) event.preventDefault()
  })
  window.addEventListener('pageshow', () => {
    isLeaving = false
  })

  async function send() {
    for (const pause of [...PAUSES, undefined]) {
      if (!navigator.onLine) {
        tell(say('offline'))
        await online()
      }
      tell(say('sending'))
      const outcome = await attempt(form)
      if (outcome !== 'later') return leave(outcome)
      if (pause !== undefined && navigator.onLine) {
        tell(say('again', { count: pause }))
        await Promise.race([seconds(pause), online()])
      }
    }
    tell(say('notSent'))
  }

  function leave(outcome) {
    isLeaving = true
    // What the server says of a refusal is a page: it is asked for it.
    if (outcome === 'refused') return form.submit()
    dropDraft(form)
    location.replace(form.dataset.result)
  }
}

/** @returns {Promise<'stored' | 'refused' | 'later'>} */
async function attempt(form) {
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      redirect: 'manual',
      signal: AbortSignal.timeout(GIVE_UP_AFTER_MS),
    })
    if (answer.type === 'opaqueredirect') return 'stored'
    return answer.status >= 500 || answer.status === 429 ? 'later' : 'refused'
  } catch {
    return 'later'
  }
}

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000))
const online = () => new Promise((resolve) => window.addEventListener('online', resolve, { once: true }))
