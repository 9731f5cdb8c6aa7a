/** WCAG 2.2 AA of everything up to the submission. */
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { pollOf } from './poll-of.ts'
import { stageFor, testAccessible } from './stage.ts'
import { fill, review, submit } from './walk.ts'

const stage = stageFor(async ({ services: { commands } }) => {
  await openPoll(commands, pollOf('ulice', 'Ulice?', 3))
  await openPoll(commands, pollOf('over', 'Parks?', 3))
  await closePoll(commands, 'over', 'tests')
})

testAccessible(stage, {
  'the form': (s) => s.open('/en/'),
  'the form in Spanish': (s) => s.open('/es/'),
  'the form with too much given out': (s) => fill(s, { shares: { health: '130' } }),
  'the form with mistakes': async (s) => {
    await fill(s, { shares: { health: 'a lot', other: '12.5' } })
    await s.button('Review my split').click()
    await s.page.getByRole('alert').waitFor()
  },
  'the form with mistakes, in Spanish': async (s) => {
    await fill(s, { language: 'es', shares: { health: 'mucho' } })
    await s.button('Revisar mi reparto').click()
    await s.page.getByRole('alert').waitFor()
  },
  'the form with sliders and locks': async (s) => {
    await fill(s)
    await s.button('Show sliders').click()
    await s.page.getByLabel('Lock Education').check()
    await s.button('Equally').click()
  },
  'the form after a submission': async (s) => {
    await submit(s)
    await s.page.goto('/en/')
    await s.page.getByText('You have submitted a split here already').waitFor()
  },
  'the form of a poll in a language of its own': (s) => s.open('/es/polls/ulice'),
  'the form of a closed poll': (s) => s.open('/en/polls/over'),
  'the results of a closed poll': (s) => s.open('/es/polls/over/results'),
  'the review': (s) => review(s),
  'the review in Spanish': (s) => review(s, { language: 'es' }),
  'the review that cannot be sent': async (s) => {
    await review(s)
    await s.page.context().setOffline(true)
    await s.button('Submit my split').click()
    await s.page.getByText('You are offline').waitFor()
  },
})
