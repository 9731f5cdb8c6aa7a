/** Buttons that copy an address or hand it to the device's own share menu; without this script people copy by hand. */

const status = document.querySelector('[data-share-status]')
const holder = document.querySelector('[data-share-words]')
const words = JSON.parse(holder.dataset.shareWords)

/** @param {HTMLButtonElement} button */
function offerCopy(button) {
  const field = document.getElementById(button.dataset.copyField)
  const label = button.textContent
  let later
  button.hidden = false
  field.addEventListener('focus', () => field.select())
  button.addEventListener('click', async () => {
    const copied = await navigator.clipboard?.writeText(field.value).then(
      () => true,
      () => false,
    )
    if (!copied) field.select()
    status.textContent = ''
    status.textContent = copied ? words.copied : words.notCopied
    if (copied) button.textContent = words.copied
    clearTimeout(later)
    later = setTimeout(() => {
      button.textContent = label
    }, 3000)
  })
}

/** @param {HTMLButtonElement} button */
function offerSend(button) {
  const shared = { title: button.dataset.sendTitle, url: button.dataset.send }
  if (!navigator.canShare?.(shared)) return
  button.hidden = false
  button.addEventListener('click', () => {
    // Whoever closes the menu has changed their mind: nothing to tell.
    navigator.share(shared).catch(() => {})
  })
}

for (const button of document.querySelectorAll('[data-copy-field]')) offerCopy(button)
for (const button of document.querySelectorAll('[data-send]')) offerSend(button)
