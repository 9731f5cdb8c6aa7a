import { describe, expect, it } from 'vitest'
import { BreakerOpen, CircuitBreaker } from '../../src/queries/circuit-breaker.ts'
import { eventually } from '../support/eventually.ts'

function given() {
  let [now, asked, alive] = [0, 0, false]
  let speak: (() => void) | undefined
  let silence: Promise<void> | undefined
  const breaker = new CircuitBreaker('part', () => now)
  const ask = () =>
    breaker.run(async () => {
      asked++
      await silence
      if (!alive) throw new Error('dead')
      return 'answer'
    })
  const failTimes = async (times: number) => {
    for (let n = 0; n < times; n++) await expect(ask()).rejects.toThrow('dead')
  }
  return {
    ask,
    failTimes,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms
    },
    revive: () => {
      alive = true
    },
    silence: () => {
      silence = new Promise((resolve) => {
        speak = resolve
      })
    },
    speak: () => speak?.(),
  }
}

describe('circuit breaker', () => {
  it('asks a part that fails three times in a row no more', async () => {
    const { ask, failTimes, asked } = given()
    await failTimes(3)
    await expect(ask()).rejects.toThrow(BreakerOpen)
    expect(asked()).toBe(3)
  })

  it('lets one caller try after a while, and the others wait', async () => {
    const { ask, failTimes, asked, pass } = given()
    await failTimes(3)
    pass(2100)
    const outcomes = await Promise.allSettled([ask(), ask(), ask()])
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3)
    expect(asked()).toBe(4)
  })

  it('asks as before once a try has succeeded', async () => {
    const { ask, failTimes, pass, revive } = given()
    await failTimes(3)
    revive()
    await expect(ask()).rejects.toThrow(BreakerOpen)
    pass(2100)
    expect(await ask()).toBe('answer')
    expect(await ask()).toBe('answer')
  })

  it('makes no caller wait for its trial of a part that is silent, and tries once at a time', async () => {
    const { ask, failTimes, asked, pass, revive, silence, speak } = given()
    await failTimes(3)
    silence()
    pass(2100)
    await expect(ask()).rejects.toThrow(BreakerOpen)
    pass(60_000)
    await expect(ask()).rejects.toThrow(BreakerOpen)
    expect(asked()).toBe(4)
    revive()
    speak()
    // The trial has gone on by itself, and has succeeded.
    await eventually(async () => expect(await ask()).toBe('answer'))
  })

  it('rests for longer after each trial that fails, but never for long', async () => {
    const { ask, failTimes, asked, pass } = given()
    await failTimes(3)
    const trials: number[] = []
    for (let second = 1; second <= 40; second++) {
      pass(1000)
      const before = asked()
      await ask().catch(() => {})
      if (asked() > before) trials.push(second)
    }
    expect(trials).toEqual([2, 6, 14, 22, 30, 38])
  })

  it('does not mind failures with successes between', async () => {
    const { ask, failTimes, revive } = given()
    await failTimes(2)
    revive()
    expect(await ask()).toBe('answer')
  })
})
