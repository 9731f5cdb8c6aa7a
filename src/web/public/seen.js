/** Whether this visit has shown the results of a poll. Where a browser keeps nothing, nothing is known. */
const key = (poll) => `seen ${poll}`
const CHANNEL = 'results seen'

/** @param {string} poll */
export function noteSeen(poll) {
  keep(poll)
  new BroadcastChannel(CHANNEL).postMessage(poll)
}

/** Calls back at once if they were seen, or when another tab shows them. @param {string} poll @param {() => void} then */
export function whenSeen(poll, then) {
  if (has(poll)) then()
  new BroadcastChannel(CHANNEL).addEventListener('message', ({ data }) => {
    if (data !== poll) return
    keep(poll)
    then()
  })
}

function keep(poll) {
  try {
    sessionStorage.setItem(key(poll), '1')
  } catch {}
}

function has(poll) {
  try {
    return sessionStorage.getItem(key(poll)) !== null
  } catch {
    return false
  }
}
