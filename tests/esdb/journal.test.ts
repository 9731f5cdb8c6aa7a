import { randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Journal } from './journal.ts'
import { type ProposedEvent, Store } from './store.ts'

const event = (): ProposedEvent => ({
  id: randomUUID(),
  type: 'Tested',
  contentType: 'application/json',
  data: Buffer.from('{"text":"ä\\n"}'),
  customMetadata: Buffer.from([0, 255]),
})

it('what a store took is there again after a crash, at the same positions; half a write is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-journal-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'journal')
  const open = () => {
    const journal = new Journal(file)
    onTestFinished(() => journal.close())
    return new Store(journal)
  }
  const first = open()
  const events = [event(), event()]
  const appended = await first.append('s', 'no stream', events)
  await first.append('t', 'any', [event()])
  await appendFile(file, '{"stream":"s","created":1,"ev')

  const second = open()
  expect(second.events.slice(1)).toEqual(first.events.slice(1))
  expect(second.end).toBe(first.end)
  expect(await second.append('s', 'no stream', events)).toEqual(appended)
  const more = await second.append('s', 1, [event()])
  expect(more).toEqual({ revision: 2, position: first.end })

  const third = open()
  expect(third.events.slice(1)).toEqual(second.events.slice(1))
})
