/** The big screen: fills the whole screen on request. That it moves with the results is `live.js`. */
const controls = document.querySelector('[data-controls]')

// Where there is no full screen nothing is offered.
if (document.fullscreenEnabled) offerFullScreen()

function offerFullScreen() {
  const key = controls.querySelector('[data-key]')
  const toggle = () =>
    document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen().catch(() => {})
  controls.hidden = false
  controls.querySelector('[data-full]').addEventListener('click', toggle)
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'f' || event.ctrlKey || event.metaKey || event.altKey) return
    if (!event.repeat && key.checked) toggle()
  })
}
