/** A button where there is a script; every browser has its own menu, too. */
const place = document.querySelector('[data-print]')
place.hidden = false
place.querySelector('button').addEventListener('click', () => window.print())
