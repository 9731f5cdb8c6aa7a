/**
 * Puts the numbers of a live message where they belong: nothing else on the page changes, and no element is exchanged.
 *
 * | attribute | |
 * |---|---|
 * | `data-live-text="percent1 health.mean"` | the element's text: a format and one value, or two for `range`; of a `time` the instant, too |
 * | `data-live-width="health.mean"`, `data-live-x=…` | width or place in percent of the nearest `data-scale` in basis points |
 * | `data-live-scale="1000"` | its `data-scale` is the largest width in it, and at least this |
 * | `data-live-histogram="health"` | a drawing as `views/partials/histogram.ejs` makes it |
 */
import { count, dateTime, percent, percent1, range } from './words.js'

const formats = { count, dateTime, percent, percent1, range, text: String }

/**
 * @param {Element} root
 * @param {object} view a live message
 * @returns {boolean} whether all of it could be shown; else the page has to be drawn anew
 */
export function showNumbers(root, view) {
  const values = valuesOf(view)
  for (const element of root.querySelectorAll('[data-live-text]')) {
    const [format, ...names] = element.dataset.liveText.split(' ')
    const found = names.map((name) => values.get(name))
    if (!found.every(isThere)) continue
    setText(element, formats[format](...found))
    if (format === 'dateTime') set(element, 'datetime', found[0])
  }
  for (const drawing of root.querySelectorAll('[data-live-histogram]')) {
    const category = view.categories.find(({ id }) => id === drawing.dataset.liveHistogram)
    if (category && category.median !== null) drawHistogram(drawing, category)
  }
  for (const scaled of root.querySelectorAll('[data-live-scale]')) {
    const widths = [...scaled.querySelectorAll('[data-live-width]')].map(({ dataset }) =>
      values.get(dataset.liveWidth),
    )
    set(scaled, 'data-scale', Math.max(scaled.dataset.liveScale, ...widths.filter(isThere)))
  }
  const widths = [...root.querySelectorAll('[data-live-width]')].map((element) =>
    place(element, 'width', values.get(element.dataset.liveWidth)),
  )
  const places = [...root.querySelectorAll('[data-live-x]')].map((element) =>
    place(element, 'x', values.get(element.dataset.liveX)),
  )
  return [...widths, ...places].every(Boolean)
}

/** Else nobody is counted, or it is not told. */
const isThere = (value) => value !== null && value !== undefined

/** `position`, `counted`, `health.mean` … @returns {Map<string, string | number | null>} */
function valuesOf({ position, asOf, submissions, categories }) {
  const values = new Map(Object.entries({ position, asOf, ...submissions }))
  for (const { id, ...numbers } of categories)
    for (const [name, value] of Object.entries(numbers)) values.set(`${id}.${name}`, value)
  return values
}

/** Keeps the text node: a selection that ends elsewhere stays. */
function setText(element, text) {
  if (element.textContent === text) return
  if (element.firstChild?.nodeType === Node.TEXT_NODE && element.childNodes.length === 1)
    element.firstChild.data = text
  else element.textContent = text
}

/** @returns {boolean} whether it is on the scale */
function place(element, attribute, value) {
  if (!isThere(value)) return true
  const scale = Number(element.closest('[data-scale]').dataset.scale)
  set(element, attribute, `${(Math.min(1, value / scale) * 100).toFixed(2)}%`)
  return value <= scale
}

function set(element, attribute, value) {
  const text = String(value)
  if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text)
}

/** Geometry as in `pages/charts.ts`. */
function drawHistogram(drawing, { bins, p10, p25, median, p75, p90 }) {
  const [floor, high, column, slice] = ['floor', 'high', 'column', 'slice'].map((name) =>
    Number(drawing.dataset[name]),
  )
  const highest = Math.max(1, ...bins)
  const columns = drawing.querySelectorAll('[data-bin]')
  for (const [index, times] of bins.entries()) {
    const height = times === 0 ? 0 : Math.max(1.5, (times / highest) * high)
    set(columns[index], 'y', (floor - height).toFixed(1))
    set(columns[index], 'height', height.toFixed(1))
  }
  const x = (value) => (value === 0 ? column / 2 : column + (value / slice) * column)
  const [whisker, box, line] = ['.whisker', '.box', '.median'].map((name) => drawing.querySelector(name))
  set(whisker, 'x1', x(p10))
  set(whisker, 'x2', x(p90))
  set(box, 'x', x(p25))
  set(box, 'width', Math.max(1, x(p75) - x(p25)))
  for (const end of ['x1', 'x2']) set(line, end, x(median))
}
