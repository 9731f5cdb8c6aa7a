import { PNG } from 'pngjs'
import { afterEach, describe, expect, test } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { Gallery } from '../../src/web/pages/pictures/gallery.ts'
import { Painter } from '../../src/web/pages/pictures/painter.ts'

const square = (width: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}"><rect width="100%" height="100%" fill="#f00"/></svg>`

const busy = () => new Problem('RESULTS_UNAVAILABLE')
const refusal = (error: unknown) => error as Problem

describe('the painter', () => {
  const painter = new Painter()
  afterEach(() => painter.close())

  test('draws several at a time, each its own', async () => {
    const pngs = await Promise.all([1, 2, 3].map((width) => painter.png({ svg: square(width) })))
    expect(pngs.map((png) => PNG.sync.read(png).width)).toEqual([1, 2, 3])
    expect([...PNG.sync.read(pngs[0]!).data]).toEqual([255, 0, 0, 255])
  })

  test('refuses what it cannot draw, and goes on', async () => {
    const [wrong, right] = await Promise.allSettled([
      painter.png({ svg: 'no picture' }),
      painter.png({ svg: square(4) }),
    ])
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'RESULTS_UNAVAILABLE' } })
    expect(right.status).toBe('fulfilled')
  })

  test('lets only so many wait, and tells the others when to come back', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => painter.png({ svg: square(5) })))
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [refusal(each.reason)] : []))
    expect(refused.map(({ code, retryAfter }) => [code, retryAfter])).toEqual(
      Array.from({ length: 4 }, () => ['RESULTS_UNAVAILABLE', 5]),
    )
    expect((await painter.png({ svg: square(6) })).length).toBeGreaterThan(0)
  })

  test('starts again after its thread was ended, and leaves nobody waiting', async () => {
    const waiting = painter.png({ svg: square(7) }).catch(refusal)
    await painter.close()
    expect(await waiting).toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    expect(PNG.sync.read(await painter.png({ svg: square(8) })).width).toBe(8)
  })
})

describe('the gallery', () => {
  const opened = () => {
    const state = { now: 0, drawn: 0, isBusy: false }
    const png = async () => {
      if (state.isBusy) throw busy()
      return Buffer.from(String(++state.drawn))
    }
    const gallery = new Gallery({ png }, () => state.now)
    const ask = (etag: string, name = 'results en') => gallery.picture(name, etag, () => ({ svg: '' }))
    return { state, ask }
  }

  test('has a picture drawn once for all who ask at the same time, and for each name', async () => {
    const { state, ask } = opened()
    await Promise.all([ask('1'), ask('1'), ask('1'), ask('1', 'results es')])
    expect(state.drawn).toBe(2)
  })

  test('draws a new state when the last picture is old enough, and says which state it shows', async () => {
    const { state, ask } = opened()
    expect((await ask('1')).etag).toBe('1')
    state.now = 14_000
    expect((await ask('2')).etag).toBe('1')
    state.now = 15_000
    expect((await ask('2')).etag).toBe('2')
    state.now = 1_000_000
    await ask('2')
    expect(state.drawn).toBe(2)
  })

  test('shows the old one while none can be drawn, and draws as soon as one can', async () => {
    const { state, ask } = opened()
    await ask('1')
    state.now = 20_000
    state.isBusy = true
    expect((await ask('2')).etag).toBe('1')
    state.isBusy = false
    expect((await ask('2')).etag).toBe('2')
  })

  test('does not remember that there was none', async () => {
    const { state, ask } = opened()
    state.isBusy = true
    await expect(ask('1')).rejects.toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    state.isBusy = false
    expect((await ask('1')).etag).toBe('1')
  })
})
