/** What the form's buttons do where no script runs, and what is recorded of a form. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submissionStream } from '../../src/events/submission-events.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { type Form, formIn, type Page, Person, words } from './person.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

/** Somebody with the form before them. */
class Filling {
  readonly person = new Person(service.url)
  form!: Form
  page!: Page

  static async start(path = '/'): Promise<Filling> {
    const filling = new Filling()
    filling.#look(await filling.person.get(path))
    return filling
  }

  /** Enters shares by category, and presses a button. */
  async press(act: string, entries: Record<string, string> = {}, path = '/edit'): Promise<this> {
    for (const [name, text] of Object.entries(entries))
      this.form.fields.set(
        name.includes('[') || name === 'into' || name === 'remember' ? name : `allocation[${name}]`,
        text,
      )
    this.#look(await this.person.send({ ...this.form, action: path }, { do: act }))
    return this
  }

  #look(page: Page): void {
    expect(page.status).toBe(200)
    ;[this.page, this.form] = [page, formIn(page.html)]
  }

  /** What is entered, without what is empty. */
  get shares(): Record<string, string> {
    const entries = [...this.form.fields].map(
      ([name, text]) => [/^allocation\[(.*)\]$/.exec(name)?.[1], text] as const,
    )
    return Object.fromEntries(entries.filter(([name, text]) => name !== undefined && text !== ''))
  }

  get text(): string {
    return words(this.page.html)
  }
}

describe('buttons without a script', () => {
  test('− and + move their own field by 5, within 0 and 100', async () => {
    const filling = await Filling.start()
    await filling.press('more:health')
    expect(filling.shares).toEqual({ health: '5' })
    await filling.press('less:health', { health: '3' })
    expect(filling.shares).toEqual({ health: '0' })
    await filling.press('more:health', { health: '98' })
    expect(filling.shares).toEqual({ health: '100' })
    expect(filling.text).toContain('Exactly 100 %: ready to submit')
  })

  test('the rest is split equally, in proportion or into one, and locked rows stay', async () => {
    const locked = { 'locked[health]': 'yes' }
    const filling = await Filling.start()
    await filling.press('proportion', { health: '40', education: '20', science: '10', ...locked })
    expect(filling.shares).toEqual({ health: '40', education: '40', science: '20' })
    expect(filling.form.fields.get('locked[health]')).toBe('yes')
    expect(filling.text).toContain('30 % given out. Undo takes it back.')
    const equal = await (await Filling.start()).press('equal', { health: '10', ...locked })
    expect(equal.shares).toMatchObject({ health: '10', education: '10', other: '10' })
    const one = await (await Filling.start()).press('one', { health: '10', into: 'science' })
    expect(one.shares).toEqual({ health: '10', science: '90' })
    expect(one.page.html).toContain('<option value="science" selected>')
  })

  test.each([
    ['equal', { health: '100' }, 'Nothing is left to split.'],
    ['proportion', {}, 'so there is no proportion to keep.'],
    ['one', { 'locked[health]': 'yes', into: 'health' }, 'Healthcare is locked.'],
    ['equal', { health: 'a lot' }, 'One field needs correcting'],
    ['undo', {}, 'There is nothing to undo.'],
    ['redo', {}, 'There is nothing to redo.'],
  ])('%s with %j changes nothing, and says why', async (act, entries: Record<string, string>, sentence) => {
    const filling = await (await Filling.start()).press(act, entries)
    expect(filling.text).toContain(sentence)
    expect(filling.shares).toEqual('health' in entries ? { health: entries.health } : {})
  })

  test('every button can be undone and redone, the locks with the shares', async () => {
    const filling = await (await Filling.start()).press('equal', { health: '10', 'locked[health]': 'yes' })
    const split = filling.shares
    await filling.press('reset')
    expect(filling.shares).toEqual({})
    expect(filling.form.fields.has('locked[health]')).toBe(false)
    await filling.press('undo')
    expect(filling.shares).toEqual(split)
    expect(filling.form.fields.get('locked[health]')).toBe('yes')
    await filling.press('undo')
    expect(filling.shares).toEqual({ health: '10' })
    await filling.press('redo')
    expect(filling.shares).toEqual(split)
  })

  test('buttons that are none, and steps that are none, change nothing', async () => {
    for (const act of ['more:nowhere', 'more:__proto__', 'one', 'what', '']) {
      const filling = await Filling.start()
      filling.form.fields.set('steps', '{"past":7}')
      expect((await filling.press(act, { health: '7', into: '__proto__' })).shares).toEqual({ health: '7' })
    }
  })
})

describe('the review', () => {
  test('shows the whole split beside the actual budget and nobody else’s, stores nothing, and goes back', async () => {
    const filling = await Filling.start()
    const before = await service.services.commands.log.head()
    await filling.press('', { health: '60', education: '40', 'locked[health]': 'yes' }, '/review')
    expect(filling.text).toContain('Nothing has been sent yet.')
    expect(filling.text).toMatch(/Healthcare 60 % 28.2 % \+31.8/)
    expect(filling.text).toMatch(/Education 40 % 1.0 % \+39.0/)
    expect(filling.text).not.toMatch(/mean|median|everyone’s/i)
    expect(await service.services.commands.log.head()).toBe(before)
    await filling.press('change')
    expect(filling.shares).toEqual({ health: '60', education: '40' })
    expect(filling.form.fields.get('locked[health]')).toBe('yes')
  })

  test('is refused what does not add up, with what to change', async () => {
    const { person, form } = await Filling.start()
    const review = { ...form, action: '/review' }
    const refused = await person.send(review, { 'allocation[health]': '80', 'allocation[other]': '45' })
    expect(refused.status).toBe(422)
    expect(words(refused.html)).toContain(
      'that is 25 % too much. Take it from what has most, say: Healthcare (80 %), Other (45 %).',
    )
    expect(formIn(refused.html).fields.get('allocation[other]')).toBe('45')
  })

  test('is sent on as it is, once, whatever the person does afterwards', async () => {
    const filling = await (await Filling.start()).press('', { health: '100', remember: 'yes' }, '/review')
    const { person, form } = filling
    expect(form.action).toBe('/')
    const sent = await person.send(form)
    expect((await person.send(form)).location).toBe(sent.location)
    const another = await person.send(
      { ...form, action: '/review' },
      { 'allocation[health]': '50', 'allocation[other]': '50' },
    )
    expect([another.status, words(another.html)]).toEqual([409, expect.stringContaining('already submitted')])
    expect(words((await person.get('/')).html)).toContain('You have submitted a split here already')
  })

  test.each(['/review', '/edit', '/es/review', '/polls/us-federal/edit'])(
    '%s without a form leads to the form',
    async (path) => {
      const { status, location } = await new Person(service.url).get(path)
      expect([status, location]).toEqual([303, path.startsWith('/es') ? '/es/' : '/'])
    },
  )
})

describe('two tabs', () => {
  test('have one token, and so make one submission', async () => {
    const { person, form } = await Filling.start()
    const other = formIn((await person.get('/es/')).html)
    const first = await person.send(form, { 'allocation[health]': '100' })
    const second = await person.send(other, { 'allocation[health]': '100' })
    expect(second.location).toBe(`/es${first.location}`)
  })

  test('with different shares: the second is told what counts, and may change it to its own', async () => {
    const { person, form } = await Filling.start()
    const { location } = await person.send(form, { 'allocation[health]': '100' })
    // The first answer, and with it its cookies, may be lost.
    const stranded = new Person(service.url)
    const told = await stranded.send(form, { 'allocation[health]': '70', 'allocation[other]': '30' })
    expect(told.status).toBe(409)
    expect(told.html).toContain(`href="${location}"`)
    const review = await stranded.send(formIn(told.html, '/revise/review'))
    expect(words(review.html)).toContain('Review your change')
    const changed = await stranded.send(formIn(review.html, '/revise'))
    expect([changed.status, changed.location]).toEqual([303, location])
    expect(words((await stranded.get(location!)).html)).toMatch(/Healthcare 70 %/)
    expect((await person.get('/')).html).not.toContain(form.fields.get('token'))
  })

  test('that change the same submission: the later one is told, keeps what it entered, and can go on', async () => {
    const { person, form } = await Filling.start()
    const { location } = await person.send(form, { 'allocation[health]': '100' })
    const [one, two] = await Promise.all(
      [1, 2].map(async () => formIn((await person.get(`${location}/revise`)).html)),
    )
    const shares = { 'allocation[health]': '90', 'allocation[other]': '10' }
    expect((await person.send(one!, shares)).status).toBe(303)
    expect((await person.send(one!, shares)).status).toBe(303)
    const told = await person.send(two!, { 'allocation[health]': '80', 'allocation[other]': '20' })
    expect([told.status, words(told.html)]).toEqual([422, expect.stringContaining('has been changed since')])
    const again = formIn(told.html)
    expect(again.fields.get('allocation[other]')).toBe('20')
    expect((await person.send(again)).status).toBe(303)
    const withdrawal = formIn((await person.get(location!)).html, '/withdraw')
    await person.send(formIn((await person.get(`${location}/revise`)).html), shares)
    expect((await person.send(withdrawal)).status).toBe(400)
    expect(words((await person.get(location!)).html)).not.toContain('has been withdrawn')
    const fresh = formIn((await person.get(location!)).html, '/withdraw')
    expect((await person.send(fresh)).status).toBe(303)
    expect((await person.send(fresh)).status).toBe(303)
  })
})

describe('changing without a script', () => {
  test('has the same buttons, a review, and the way back', async () => {
    const { person, form } = await Filling.start()
    const { location } = await person.send(form, { 'allocation[health]': '90', 'allocation[other]': '10' })
    const revision = formIn((await person.get(`${location}/revise`)).html)
    const split = await person.send(
      { ...revision, action: `${location}/revise/edit` },
      { 'allocation[other]': '', do: 'one', into: 'science' },
    )
    const review = await person.send({ ...formIn(split.html), action: `${location}/revise/review` })
    expect(words(review.html)).toMatch(/Science & Research 10 %/)
    expect((await person.send(formIn(review.html))).location).toBe(location)
    expect(words((await person.get(location!)).html)).toMatch(/Science & Research 10 %/)
  })

  test('a private link leads to a field for the receipt; the file holds it; neither is for strangers', async () => {
    const { person, form } = await Filling.start()
    const { location } = await person.send(form, { 'allocation[health]': '100' })
    const file = await person.get(`${location}/receipt.txt`)
    const [, path, receipt] = /http:\/\/[^/]+(\/submissions\/[\w-]+\/receipt)#([\w-]{32})/.exec(file.html)!
    expect(path).toBe(`${location}/receipt`)
    expect(file.headers.get('cache-control')).toBe('private, no-store')
    const stranger = new Person(service.url)
    expect((await stranger.get(`${location}/receipt.txt`)).status).toBe(403)
    const proof = formIn((await stranger.get(path!)).html, '/receipt')
    expect((await stranger.send(proof, { receipt: receipt! })).location).toBe(location)
    expect((await stranger.get(`${location}/receipt.txt`)).html).toBe(file.html)
  })
})

describe('a closed poll', () => {
  test('says so to every button', async () => {
    const category = (id: string) => ({ id, label: id, description: '', colour: '#2b6cb0' })
    const definition = { poll: 'gone', title: 'Gone?', step: 50, baselines: [] }
    const { commands } = service.services
    await openPoll(commands, { ...definition, categories: ['a', 'b'].map(category) })
    const { person, form } = await Filling.start('/polls/gone')
    const review = await person.send({ ...form, action: '/polls/gone/review' }, { 'allocation[a]': '100' })
    expect(review.status).toBe(200)
    expect(words(review.html)).not.toContain('Difference')
    await closePoll(commands, 'gone', 'ana')
    for (const action of ['/polls/gone/review', '/polls/gone/edit', '/polls/gone'])
      await eventually(async () =>
        expect((await person.send({ ...form, action }, { 'allocation[a]': 'x' })).status).toBe(409),
      )
  })
})

describe('what is recorded of a form', () => {
  const shownOf = async (location: string | null): Promise<{ order: string; results: string }> => {
    const stream = submissionStream(location!.split('/').at(-1)!)
    const [event] = await service.services.commands.log.readStream(stream)
    return (event!.data as { shown: { order: string; results: string } }).shown
  }
  const orderOn = (html: string) => [...html.matchAll(/data-share="([^"]+)"/g)].map(([, id]) => id!)
  const full = { 'allocation[health]': '100' }

  test('is the order in which the categories stood: the same in every page until it is sent, then another one', async () => {
    const { person, form, page } = await Filling.start()
    const order = orderOn(page.html)
    expect(orderOn((await person.get('/')).html)).toEqual(order)
    expect(orderOn((await person.send(form, { 'allocation[health]': '1' })).html)).toEqual(order)
    expect(orderOn((await person.send({ ...form, action: '/edit' }, full)).html)).toEqual(order)
    const review = words((await person.send({ ...form, action: '/review' }, full)).html)
    const { definition } = await service.services.commands.polls.get('us-federal')
    const labels = order.map((id) => definition.categories.find((category) => category.id === id)!.label)
    const table = review.slice(review.indexOf('Your split in numbers'))
    expect(labels.map((label) => table.indexOf(label))).toEqual(
      labels.map((label) => table.indexOf(label)).sort((a, b) => a - b),
    )
    const { location } = await person.send(form, full)
    const places = order.map((id) => definition.categories.findIndex((category) => category.id === id))
    const { order: recorded } = await shownOf(location)
    expect(recorded).toBe(places.map((place) => String(place).padStart(2, '0')).join(''))
    expect(orderOn((await person.get('/')).html)).not.toEqual(order)
  })

  test('is whether results had been seen: not at first, but once one has submitted', async () => {
    const { person, form } = await Filling.start()
    expect((await shownOf((await person.send(form, full)).location)).results).toBe('unseen')
    const second = formIn((await person.get('/')).html)
    expect((await shownOf((await person.send(second, full)).location)).results).toBe('seen')
  })

  test.each([
    ['/results', 'seen'],
    ['/es/trends?bucket=day', 'seen'],
    ['/submissions/7b1c0d52-5f0a-4b43-9f0a-0d6c3a4f1e2b', 'seen'],
    ['/history', 'unseen'],
    ['/polls/other/results', 'unseen'],
  ])('coming from %s they are %s, for the whole visit', async (from, results) => {
    const person = new Person(service.url)
    await person.get('/', { referer: service.url + from })
    const form = formIn((await person.get('/')).html)
    expect((await shownOf((await person.send(form, full)).location)).results).toBe(results)
  })

  test('another site’s results are not ours, and a script may say what it knows', async () => {
    const person = new Person(service.url)
    const form = formIn((await person.get('/', { referer: 'https://elsewhere.example/results' })).html)
    expect(form.fields.get('seen')).toBe('')
    const review = await person.send({ ...form, action: '/review' }, { ...full, seen: 'yes' })
    expect((await shownOf((await person.send(formIn(review.html))).location)).results).toBe('seen')
  })

  test('and nothing else: no token, nothing that leads from one submission to the next', async () => {
    const { person, form } = await Filling.start()
    const first = await person.send(form, full)
    const second = await person.send(formIn((await person.get('/')).html), full)
    const [one, two] = await Promise.all([shownOf(first.location), shownOf(second.location)])
    expect(Object.keys(one).sort()).toEqual(['order', 'results'])
    expect(one.order).not.toBe(two.order)
  })
})
