/** A closed poll invites nobody any more, and promises nobody what it does not take. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { languages } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { formIn, Person } from './person.ts'
import { pollOf } from './poll-of.ts'

let service: TestService
let own: string
let owner: Person

beforeAll(async () => {
  service = await startTestService()
  const { commands } = service.services
  await openPoll(commands, pollOf('town', 'Parks?', 3))
  owner = new Person(service.url)
  const form = formIn((await owner.get('/en/polls/town')).html)
  const sent = await owner.send(form, { 'allocation[c0]': '60', 'allocation[c1]': '40' })
  own = sent.location!
})
afterAll(() => service.close())

const get = async (path: string): Promise<string> => await (await fetch(service.url + path)).text()

test('given an open poll, then the poster and the links lead to the form, and the receipt to changes', async () => {
  const { share, submission, receipt } = wordsIn('en')
  expect(await get('/en/polls/town/poster')).toContain(share.scan)
  expect(await get('/en/polls/town/share')).toContain(share.linkForm)
  const { html } = await owner.get(own)
  expect(html).toContain(submission.aboutReceipt)
  expect(html).toContain(receipt.link)
})

test('given a closed poll, then they lead to its results, and the receipt promises no changes', async () => {
  await closePoll(service.services.commands, 'town', 'tests')
  for (const language of languages) {
    const { share, results, submission, receipt } = wordsIn(language)
    const base = `/${language}/polls/town`
    await eventually(async () => expect(await get(`${base}/poster`)).toContain(share.scanResults))
    const poster = await get(`${base}/poster`)
    expect(poster).not.toContain(share.scan)
    expect(poster).toMatch(new RegExp(`<strong>[^<]*${base}/results</strong>`))
    const page = await get(`${base}/share`)
    for (const sentence of [results.closed, share.linkResults, share.meetingClosed])
      expect(page).toContain(sentence)
    for (const invitation of [share.linkForm, share.meetingText, share.qrFile('SVG')])
      expect(page).not.toContain(invitation)
    const { html } = await owner.get(own.replace('/en/', `/${language}/`))
    expect(html).toContain(submission.aboutReceiptClosed)
    expect(html).not.toContain(receipt.link)
  }
})
