/** Copies and prints a receipt, and takes one over that a private link brings behind its #. */
import { wordsOf } from './words.js'

const card = document.querySelector('[data-receipt]')
if (card) enhance(card)
const proof = document.querySelector('form[data-proof]')
if (proof && location.pathname.endsWith('/receipt')) takeOver(proof)

function enhance(card) {
  const say = wordsOf(card)
  const said = card.querySelector('[data-said]')
  for (const button of card.querySelectorAll('button')) button.hidden = false
  card.querySelector('[data-print]').addEventListener('click', () => window.print())
  for (const button of card.querySelectorAll('[data-copy]'))
    button.addEventListener('click', async () => {
      const source = card.querySelector(`[data-copied="${button.dataset.copy}"]`)
      try {
        await navigator.clipboard.writeText(source.textContent)
        said.textContent = say('copied')
      } catch {
        getSelection().selectAllChildren(source)
        said.textContent = say('notCopied')
      }
    })
}

/** The address is cleaned at once, so that neither the history nor a shoulder keeps the receipt. */
function takeOver(form) {
  const receipt = location.hash.slice(1)
  if (!/^[\w-]{32}$/.test(receipt)) return
  history.replaceState(null, '', location.pathname)
  form.elements.receipt.value = receipt
  form.requestSubmit()
}
