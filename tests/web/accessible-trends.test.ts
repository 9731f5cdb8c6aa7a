/** WCAG 2.2 AA of the trends, and of the pages that tell how numbers are made and what is kept. */
import { submitFive } from './five-submissions.ts'
import { stageFor, testAccessible } from './stage.ts'
import { unfold } from './walk.ts'

const stage = stageFor(submitFive)

testAccessible(stage, {
  'the trends': async (s) => {
    await s.open('/en/trends')
    await unfold(s)
  },
  'the trends in Spanish': (s) => s.open('/es/trends'),
  'the trends of single days': (s) => s.open('/en/trends?view=period&bucket=day&from=2026-01-01&tz=UTC'),
  'trends with mistakes': (s) => s.open('/en/trends?from=2026-03-02&to=2026-03-01&tz=Berlin&bucket=hour'),
  'the method': (s) => s.open('/en/method'),
  'the method in Spanish': (s) => s.open('/es/method'),
  'the truthful budget': (s) => s.open('/en/method/truthful'),
  'the truthful budget in Spanish': (s) => s.open('/es/method/truthful'),
  privacy: (s) => s.open('/en/privacy'),
  'privacy in Spanish': (s) => s.open('/es/privacy'),
})
