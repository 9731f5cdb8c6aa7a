/** WCAG 2.2 AA of everyone's results, now and then, and of what is said about them. */
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { submitFive } from './five-submissions.ts'
import { EMPTY, type Stage, stageFor, testAccessible } from './stage.ts'
import { unfold } from './walk.ts'

const stage = stageFor(submitFive)

const openLive = async (s: Stage) => {
  await s.open('/en/results')
  await liveSays(s, /^Live/)
}
const liveSays = ({ page }: Stage, pattern: RegExp) =>
  eventually(
    async () => expect(await page.locator('[data-live-state]').textContent()).toMatch(pattern),
    20_000,
  )

testAccessible(stage, {
  'the collective budget, all unfolded': async (s) => {
    await openLive(s)
    await unfold(s)
  },
  'the collective budget in Spanish': (s) => s.open('/es/results'),
  'the collective budget, paused': async (s) => {
    await openLive(s)
    await s.button('Pause').click()
    await liveSays(s, /^Paused/)
  },
  'the collective budget, out of reach': async (s) => {
    const page = await s.open(EMPTY)
    await page.routeWebSocket(/\/live$/, (socket) => socket.close({ code: 1011 }))
    await page.route('**/api/polls/*/live', (route) => route.abort())
    await page.goto('/en/results')
    await liveSays(s, /^Not live/)
  },
  'the collective budget with another bloc': async (s) => {
    await s.open('/en/results')
    await s.button('20\u00a0%').click()
    await s.page.waitForURL('**/results?bloc=20#bloc')
  },
  'the collective budget of the past': (s) => s.open('/en/results?position=4'),
  'the collective budget of the past in Spanish, before anybody': (s) => s.open('/es/results?position=1'),
  'a moment that is none': (s) => s.open('/en/results?position=x'),
})
