/** Filling in the form in a real browser. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { button, entered, field, open, page, review, service, total } from './form-on-screen.ts'

describe('a row', () => {
  test('has a slider on request, which keys move, and the wish is remembered', async () => {
    await open()
    expect(await page.getByRole('slider').count()).toBe(0)
    await button('Show sliders').click()
    const slider = page.getByRole('slider', { name: 'Slider for Healthcare' })
    await slider.focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'PageUp']) await page.keyboard.press(key)
    expect(await field('health').inputValue()).toBe('12')
    await field('health').fill('40')
    expect(await slider.inputValue()).toBe('40')
    expect(await total()).toBe('60 % still to give out')
    await page.reload()
    expect(await page.getByRole('slider').count()).toBe(10)
    await button('Show sliders').click()
    await page.reload()
    expect(await page.getByRole('slider').count()).toBe(0)
  })

  test('never lies below the total while it has the focus, going down or up', async () => {
    await open('/', { viewport: { width: 375, height: 500 } })
    await page.getByRole('button', { name: 'Start over' }).focus()
    const covered = () =>
      page.evaluate<boolean>(`(() => {
        const focused = document.activeElement.getBoundingClientRect()
        const total = document.querySelector('[data-total]')
        if (total.contains(document.activeElement)) return false
        return focused.top < total.getBoundingClientRect().bottom - 0.5 || focused.bottom > innerHeight + 0.5
      })()`)
    for (const key of ['Tab', 'Shift+Tab'])
      for (let i = 0; i < 45; i++) {
        await page.keyboard.press(key)
        expect(await covered(), `${key} ${i}`).toBe(false)
      }
  })
})

describe('the rest', () => {
  test('is split with and without scripts alike, whatever is pressed', async () => {
    const acts = ['more:health', 'equal', 'undo', 'less:other', 'one', 'redo', 'proportion', 'reset', 'undo']
    await open()
    const visit = await page.context().storageState()
    const run = async () => {
      const seen: unknown[] = []
      await field('health').fill('30')
      await field('science').fill('12')
      await page.getByLabel('Lock Science & Research').check()
      await page.locator('#into').selectOption('housing')
      for (const act of [...acts, 'undo', 'undo', 'proportion']) {
        // Without a script every press is a new page.
        await page.locator(`button[value="${act}"]`).click({ force: true })
        seen.push([
          act,
          await entered(),
          await page.getByLabel('Lock Science & Research').isChecked(),
          await total(),
        ])
        seen.push((await page.locator('[data-notice]').textContent())?.trim())
      }
      return seen
    }
    const scripted = await run()
    await page.context().close()
    await open('/', { storageState: visit, javaScriptEnabled: false })
    expect(await run()).toEqual(scripted)
    expect(new Set(scripted.map((each) => JSON.stringify(each))).size).toBeGreaterThan(10)
  })
})

describe('undo and redo', () => {
  test('go by typed field and by button, with Ctrl+Z and Ctrl+Shift+Z outside of text alone', async () => {
    await open()
    await field('health').pressSequentially('30')
    await field('education').pressSequentially('45')
    await button('More for Education').click()
    await page.keyboard.press('Control+z')
    expect(await entered()).toEqual({ health: '30', education: '45' })
    await button('Undo').click()
    expect(await entered()).toEqual({ health: '30' })
    await page.keyboard.press('Control+z')
    expect(await entered()).toEqual({})
    expect(await button('Undo').getAttribute('aria-disabled')).toBe('true')
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+z')
    expect(await entered()).toEqual({ health: '30', education: '50' })
    await field('education').focus()
    await page.keyboard.press('Control+z')
    expect((await entered()).health).toBe('30')
    await button('Start over').click()
    expect(await entered()).toEqual({})
    await button('Undo').click()
    expect((await entered()).health).toBe('30')
  })
})

describe('a half-filled form', () => {
  const fill = async () => {
    await field('health').fill('30')
    await field('other').fill('a lot')
    await page.getByLabel('Lock Healthcare').check()
  }

  test('survives a reload, a look at other pages and a refusal, with locks, order and what can be undone', async () => {
    await open()
    await fill()
    const order = Object.keys(await entered())
    await page.reload()
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.locator('[data-notice]').textContent()).toBe(
      'What you had entered before is here again.',
    )
    await page.goto('/history')
    await page.goto('/')
    expect(Object.keys(await entered())).toEqual(order)
    await button('Review my split').click()
    await page.getByRole('alert').waitFor()
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.getByLabel('Lock Healthcare').isChecked()).toBe(true)
    await button('Undo').click()
    await button('Undo').click()
    expect(await entered()).toEqual({ health: '30' })
  })

  test('without scripts survives the way back, and a reload once any button was pressed', async () => {
    await open('/', { javaScriptEnabled: false })
    await fill()
    const token = () => page.locator('input[name="token"]').inputValue()
    const first = await token()
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    await page.goBack()
    await page.waitForURL(`${service.url}/`)
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.getByLabel('Lock Healthcare').isChecked()).toBe(true)
    await button('More for Education').click()
    const more = { health: '30', other: 'a lot', education: '5' }
    // A reload in the middle of the way there would break it off.
    await eventually(async () => expect(await entered()).toEqual(more))
    await page.reload()
    expect(await entered()).toEqual(more)
    expect(await token()).toBe(first)
  })

  test('is not left without a warning; an empty one and a submitted one are', async () => {
    await open()
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.accept()
    })
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    await page.goto('/')
    await field('health').fill('100')
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toEqual(['beforeunload'])
    await page.goto('/')
    await field('health').fill('99')
    await field('health').fill('100')
    await review()
    await button('Change it').click()
    await field('health').waitFor()
    await review()
    await page.locator('h1').click()
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toEqual(['beforeunload', 'beforeunload'])
    await page.goto('/')
    await field('health').fill('100')
    await review()
    await button('Submit my split').click()
    await page.waitForURL('**/submissions/*')
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toHaveLength(2)
  })

  test('offline is told so at the button, and kept', async () => {
    await open()
    await field('health').fill('100')
    await page.context().setOffline(true)
    await button('Review my split').click()
    await page.getByText('You are offline; what you entered is kept.').waitFor()
    await page.context().setOffline(false)
    await review()
  })
})
