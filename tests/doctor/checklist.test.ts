import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { CheckResult, Routine } from '../../src/doctor/check.ts'
import { type Check, Checklist } from '../../src/doctor/doctor.ts'
import { ServiceDoctor } from '../../src/doctor/service-doctor.ts'

const found = (name: string): CheckResult => ({ name, status: 'fine', expected: 'e', actual: 'a' })
const check = (name: string, change: Partial<Check> = {}): Check => ({
  name,
  routine: 'always',
  look: async () => found(name),
  ...change,
})

async function examined(
  checks: readonly Check[],
  routine: Routine = 'always',
  signal = new AbortController().signal,
) {
  return await Array.fromAsync(new Checklist(checks).examine(routine, signal))
}

const names = (results: readonly CheckResult[]) => results.map(({ name }) => name)

describe('a checklist', () => {
  it('given checks that take longer than others, tells what was found in their order', async () => {
    const slow = check('slow', { look: () => sleep(50).then(() => [found('slow 1'), found('slow 2')]) })
    expect(names(await examined([slow, check('quick')]))).toEqual(['slow 1', 'slow 2', 'quick'])
  })

  it.each([
    ['always', ['a']],
    ['daily', ['a', 'd']],
    ['weekly', ['a', 'w']],
    ['monthly', ['a', 'm']],
  ] as const)('looks %s at what belongs to it', async (routine, expected) => {
    const checks = [
      check('a'),
      check('d', { routine: 'daily' }),
      check('w', { routine: 'weekly' }),
      check('m', { routine: 'monthly' }),
    ]
    expect(names(await examined(checks, routine))).toEqual(expected)
  })

  it('given one that fails and one that is silent, says so, aborts it, and looks at the rest', async () => {
    let aborted = false
    const silent = check('silent', {
      deadlineMs: 30,
      look: (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true
          })
        }),
    })
    const failing = check('failing', { look: () => Promise.reject(new Error('no such table\nat line 1')) })
    const results = await examined([silent, failing, check('fine')])
    expect(results).toMatchObject([
      {
        name: 'silent',
        status: 'failed',
        expected: 'an answer within 0.03 s',
        actual: 'no answer: it is silent',
      },
      { name: 'failing', status: 'failed', actual: 'no such table' },
      { name: 'fine', status: 'fine' },
    ])
    expect(aborted).toBe(true)
  })

  it('given many, looks at no more than four at once', async () => {
    let [now, most] = [0, 0]
    const look = async () => {
      most = Math.max(most, ++now)
      await sleep(5)
      now--
      return found('x')
    }
    expect(await examined(Array.from({ length: 20 }, () => check('x', { look })))).toHaveLength(20)
    expect(most).toBe(4)
  })

  it('given nobody who waits any more, ends', async () => {
    const stop = new AbortController()
    const endless = check('endless', { look: () => new Promise(() => {}) })
    const examining = examined([check('first'), endless], 'always', stop.signal)
    setTimeout(() => stop.abort(), 30)
    expect(names(await examining)).toEqual(['first'])
  })
})

describe('the service’s doctor', () => {
  it('given a database that cannot be opened, tells what could be seen from outside, and why not the rest', async () => {
    const doctor = new ServiceDoctor({
      outside: [check('disk')],
      inside: () => Promise.reject(new Error('DATABASE_URL: nothing listens on 127.0.0.1:1.')),
    })
    expect(await Array.fromAsync(doctor.examine('always', new AbortController().signal))).toMatchObject([
      { name: 'disk', status: 'fine' },
      {
        name: 'what the database tells',
        status: 'failed',
        actual: 'not looked at: DATABASE_URL: nothing listens on 127.0.0.1:1.',
      },
    ])
  })
})
