/** WCAG 2.2 AA of what is shared: links, poster, widget, big screen. */
import { expect } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { longTitle, pollOf } from './poll-of.ts'
import { type Stage, stageFor, testAccessible } from './stage.ts'

const stage = stageFor(async ({ services: { commands, results } }) => {
  for (const categories of [20, 40])
    await openPoll(commands, pollOf(`town${categories}`, longTitle, categories))
  for (const [poll, category] of [
    ['us-federal', 'health'],
    ['town20', 'c0'],
    ['town40', 'c0'],
  ] as const) {
    await submitAllocation(commands, { poll, allocation: { [category]: 10_000 }, via: 'simulation' })
    await eventually(async () => expect((await results.results(poll)).aggregate.counted).toBe(1))
  }
})

const open = (path: string) => (s: Stage) => s.open(path)

testAccessible(stage, {
  'the page for sharing': open('/en/share'),
  'the page for sharing a long poll, in Spanish': open('/es/polls/town20/share'),
  'the poster': open('/en/poster'),
  'the poster in Spanish, with a long title': open('/es/polls/town20/poster'),
  'the widget': open('/en/embed/polls/us-federal'),
  'the widget in Spanish, with more than it has room for': open('/es/embed/polls/town20'),
  'the big screen': open('/en/screen'),
  'the big screen in Spanish, of 40 categories': open('/es/polls/town40/screen'),
  'the form of 40 categories with long names': open('/es/polls/town40'),
  'the results of 40 categories with long names': open('/en/polls/town40/results'),
})
