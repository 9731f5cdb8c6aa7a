/** Puts what a page says now into the page as it is shown: what stays the same keeps its elements, focus and all. */

/**
 * @param {Element} root
 * @param {string} address where it is to be had, alone or in its page
 * @returns {Promise<Element>} the same as it is now
 * @throws if it cannot be had
 */
export async function fetchAgain(root, address) {
  // Asked with the ETag of what the browser has.
  const answer = await fetch(address, { cache: 'no-cache', headers: { accept: 'text/html' } })
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const found = page.getElementById(root.id)
  if (!found) throw new Error('it is another page')
  return found
}

/** @param {Element} there @param {Element} wanted */
export function becomeLike(there, wanted) {
  // What the script itself says, what somebody may be typing, and what they have in their hands.
  if (there.hasAttribute('data-live') || there === document.activeElement) return
  becomeLikeInAttributes(there, wanted)
  let next = meaningful(there)
  for (const node of meaningful(wanted)) {
    const index = next.findIndex((each) => isAlike(each, node))
    if (index < 0) {
      there.insertBefore(document.importNode(node, true), next[0] ?? null)
      continue
    }
    for (const gone of next.slice(0, index)) remove(gone)
    if (node.nodeType === Node.TEXT_NODE) setData(next[index], node.data)
    else becomeLike(next[index], node)
    next = next.slice(index + 1)
  }
  for (const gone of next) remove(gone)
}

/** What somebody has opened stays open, and what a script has shown stays shown. */
const ofThisVisit = new Set(['open', 'hidden'])

function becomeLikeInAttributes(there, wanted) {
  for (const { name, value } of wanted.attributes)
    if (!ofThisVisit.has(name) && there.getAttribute(name) !== value) there.setAttribute(name, value)
  for (const { name } of [...there.attributes])
    if (!ofThisVisit.has(name) && !wanted.hasAttribute(name)) there.removeAttribute(name)
}

/** Children that say something. */
const meaningful = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || /\S/.test(node.data ?? ''))

const isAlike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other)

const keyOf = (node) =>
  node.nodeType === Node.ELEMENT_NODE
    ? [node.id, node.getAttribute('class'), node.getAttribute('aria-labelledby')].join(' ')
    : ''

function setData(text, data) {
  if (text.data !== data) text.data = data
}

/** Nobody loses their place: it goes when they have left it. */
function remove(node) {
  if (!node.contains(document.activeElement)) node.remove()
}
