import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSubmission } from '../../src/commands/load-submission.ts'
import { reviseAllocation } from '../../src/commands/revise-allocation.ts'
import type { SubmissionReceipt } from '../../src/commands/submit-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import type { DomainEvent } from '../../src/events/domain-events.ts'
import { submissionStream } from '../../src/events/submission-events.ts'
import { allTrees, excluded, half, reinstated, revised, third } from './city-parks.ts'
import { appendByHand, openWriteSide, story, submitTo, type WriteSide, withRivals } from './write-side.ts'

let side: WriteSide
let mine: SubmissionReceipt
let stream: string

beforeEach(async () => {
  side = await openWriteSide()
  mine = await submitTo(side)
  stream = submissionStream(mine.submission)
})
afterEach(() => side.close())

/** Each event takes back exactly what the ones before it had led to: otherwise a fold counts wrong. */
async function expectChain(): Promise<DomainEvent[]> {
  const events = await story(side.log, stream)
  let current: unknown
  for (const { data } of events) {
    if ('replaces' in data) expect(data.replaces).toEqual(current)
    if ('allocation' in data) current = data.allocation
  }
  return events
}

describe('who loses a race', () => {
  test('given another revision came first, then decides again, on what stands now', async () => {
    const log = withRivals(side.log, 1, () =>
      reviseAllocation(side.another(), { ...mine, allocation: third }),
    )
    await reviseAllocation({ ...side, log }, { ...mine, allocation: allTrees })
    expect(await expectChain()).toMatchObject([
      { type: 'AllocationSubmitted' },
      { data: { allocation: third, replaces: half } },
      { data: { allocation: allTrees, replaces: third } },
    ])
  })

  test('given the same revision came first, then has nothing left to do', async () => {
    const log = withRivals(side.log, 1, () =>
      reviseAllocation(side.another(), { ...mine, allocation: third }),
    )
    const handled = await reviseAllocation({ ...side, log }, { ...mine, allocation: third })
    expect(handled).toMatchObject({ position: 3n, state: { allocation: third } })
    expect(await expectChain()).toHaveLength(2)
  })

  test('given it was withdrawn first, then is refused as if it had come later', async () => {
    const log = withRivals(side.log, 1, () => withdrawAllocation(side.another(), mine))
    await expect(reviseAllocation({ ...side, log }, { ...mine, allocation: third })).rejects.toMatchObject({
      code: 'SUBMISSION_WITHDRAWN',
    })
    expect(await expectChain()).toHaveLength(2)
  })

  test('given an operator set it aside first, then is refused, and nothing is taken back twice', async () => {
    const log = withRivals(side.log, 1, () => appendByHand(side.log, stream, excluded(half)))
    await expect(withdrawAllocation({ ...side, log }, mine)).rejects.toMatchObject({
      code: 'SUBMISSION_EXCLUDED',
    })
    expect(await expectChain()).toHaveLength(2)
  })

  test('given it is lost 24 times, then the 25th attempt lands', async () => {
    const log = withRivals(side.log, 24, () =>
      appendByHand(side.log, stream, excluded(half), reinstated(half)),
    )
    await reviseAllocation({ ...side, log }, { ...mine, allocation: third })
    expect(await expectChain()).toHaveLength(1 + 24 * 2 + 1)
  })

  test('given it is lost 25 times, then is told that it is changed all the time, and nothing was written', async () => {
    const log = withRivals(side.log, 25, () =>
      appendByHand(side.log, stream, excluded(half), reinstated(half)),
    )
    await expect(reviseAllocation({ ...side, log }, { ...mine, allocation: third })).rejects.toMatchObject({
      code: 'SUBMISSION_CHANGED',
    })
    expect(await expectChain()).not.toContainEqual(expect.objectContaining({ type: 'AllocationRevised' }))
  })
})

describe('many owners at once', () => {
  test('given two revise, then both land one after the other, or one is told so', async () => {
    for (let round = 0; round < 10; round++) {
      const before = (await story(side.log, stream)).length
      const answers = await Promise.allSettled([
        reviseAllocation(side, { ...mine, allocation: third }),
        reviseAllocation(side.another(), { ...mine, allocation: allTrees }),
      ])
      for (const answer of answers)
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'SUBMISSION_CHANGED' })
      const landed = answers.filter(({ status }) => status === 'fulfilled').length
      expect((await expectChain()).length - before).toBeLessThanOrEqual(landed)
    }
    const last = (await loadSubmission(side.log, mine.submission)).state
    expect([third, allTrees]).toContainEqual(last.allocation)
  })

  test('given twenty revise and one withdraws, then the events still fit together and the withdrawal is the last', async () => {
    const revisers = Array.from({ length: 20 }, (_, i) =>
      reviseAllocation(side, { ...mine, allocation: { trees: 100 * i, paths: 10_000 - 100 * i } }),
    )
    const answers = await Promise.allSettled([...revisers, withdrawAllocation(side, mine)])
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []))
    for (const code of refusals) expect(['SUBMISSION_CHANGED', 'SUBMISSION_WITHDRAWN']).toContain(code)
    const events = await expectChain()
    expect(events.findIndex(({ type }) => type === 'AllocationWithdrawn')).toBeOneOf([-1, events.length - 1])
  })
})

describe('after an operator’s decision', () => {
  test('given it was set aside, then the owner can neither revise nor withdraw', async () => {
    await appendByHand(side.log, stream, excluded(half))
    for (const attempt of [
      () => reviseAllocation(side, { ...mine, allocation: third }),
      () => withdrawAllocation(side, mine),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'SUBMISSION_EXCLUDED' })
    expect((await loadSubmission(side.log, mine.submission)).state).toMatchObject({
      status: 'excluded',
      allocation: half,
    })
  })

  test('given it was reinstated, then the owner can do both again', async () => {
    await appendByHand(side.log, stream, revised(half, third), excluded(third), reinstated(third))
    await reviseAllocation(side, { ...mine, allocation: allTrees })
    await withdrawAllocation(side, mine)
    expect((await expectChain()).slice(-2)).toMatchObject([
      { type: 'AllocationRevised', data: { replaces: third, allocation: allTrees } },
      { type: 'AllocationWithdrawn', data: { replaces: allTrees } },
    ])
  })
})
