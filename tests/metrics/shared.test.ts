import { describe, expect, it } from 'vitest'
import { Shared } from '../../src/metrics/shared.ts'

describe('a figure that is asked for', () => {
  it('given many who ask at once, and again soon, is asked for once', async () => {
    let [asked, now] = [0, 0]
    const shared = new Shared({ name: 'it', keepMs: 2000, now: () => now }, async () => ++asked)
    expect(await Promise.all([shared.get(), shared.get(), shared.get()])).toEqual([1, 1, 1])
    now = 1999
    expect(await shared.get()).toBe(1)
    now = 2000
    expect(await shared.get()).toBe(2)
  })

  it('given silence, nobody waits for longer, and the question is not asked again meanwhile', async () => {
    let asked = 0
    const answer = Promise.withResolvers<string>()
    const shared = new Shared({ name: 'it', keepMs: 2000, deadlineMs: 20 }, () => {
      asked++
      return answer.promise
    })
    await expect(shared.get()).rejects.toThrow('it took more than 20 ms')
    await expect(shared.get()).rejects.toThrow('it took more than 20 ms')
    answer.resolve('here')
    expect(await shared.get()).toBe('here')
    expect(asked).toBe(1)
  })

  it('given a failure, it is told, and not kept', async () => {
    let asked = 0
    const shared = new Shared({ name: 'it', keepMs: 2000 }, async () => {
      if (asked++ === 0) throw new Error('away')
      return 'here'
    })
    await expect(shared.get()).rejects.toThrow('away')
    expect(await shared.get()).toBe('here')
  })
})
