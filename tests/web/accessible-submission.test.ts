/** WCAG 2.2 AA of everything after the submission. */
import { stageFor, testAccessible } from './stage.ts'
import { submit, unfold, withdraw } from './walk.ts'

const stage = stageFor()

testAccessible(stage, {
  'one’s own page': async (s) => {
    await submit(s)
    await unfold(s)
  },
  'one’s own page in Spanish': (s) => submit(s, { language: 'es' }),
  'the page that asks for a receipt': async (s) => {
    await submit(s)
    await s.page.goto(`${s.page.url()}/receipt`)
  },
  'somebody’s page': async (s) => {
    await submit(s)
    await s.page.context().clearCookies()
    await s.page.reload()
    await s.page.getByText('Is it yours?').click()
  },
  'a submission of the past': async (s) => {
    await submit(s)
    await s.page.goto(`${s.page.url()}?asOf=${new Date().toISOString()}`)
    await s.page.getByText('This is the past').waitFor()
  },
  'the form to change it': async (s) => {
    await submit(s)
    await s.page.getByRole('link', { name: 'Change this split' }).click()
    await s.page.getByRole('heading', { name: 'Change your split' }).waitFor()
  },
  'a withdrawn submission': (s) => withdraw(s),
  'a withdrawn submission in Spanish': (s) => withdraw(s, { language: 'es' }),
  'an empty history': (s) => s.open('/en/history'),
  'the history': async (s) => {
    await submit(s, { remember: true })
    await s.page.goto('/en/history')
    await s.page.locator('main a[href*="/submissions/"]').waitFor()
  },
  'the history in Spanish, with what was withdrawn': async (s) => {
    await withdraw(s, { language: 'es', remember: true })
    await s.page.goto('/es/history')
    await s.page.locator('main a[href*="/submissions/"]').waitFor()
  },
})
