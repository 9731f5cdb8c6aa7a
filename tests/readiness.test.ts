import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Readiness } from '../src/readiness.ts'

const there = async () => {}
const away = () => Promise.reject(new Error('away'))
const silent = () => new Promise<never>(() => {})

describe('readiness', () => {
  it('given a process that leans on nothing, is there', async () => {
    expect(await new Readiness().report()).toEqual({ ready: true, checks: [] })
  })

  it('given roles, tells of each what it leans on, and what the part has to say', async () => {
    const readiness = new Readiness()
    readiness.add({ role: 'relay', parts: { log: there, bus: async () => 7n }, needs: 'all' })
    readiness.add({ role: 'projector', parts: { projection: async () => 'standby' }, needs: 'all' })
    expect(await readiness.report()).toEqual({
      ready: true,
      checks: [
        { role: 'relay', name: 'log', ready: true },
        { role: 'relay', name: 'bus', ready: true },
        { role: 'projector', name: 'projection', ready: true, detail: 'standby' },
      ],
    })
  })

  it('given a role that is still starting, is not ready and says which', async () => {
    const readiness = new Readiness(['web', 'relay'])
    readiness.add({ role: 'web', parts: { log: there }, needs: 'all' })
    const starting = { role: 'relay', name: 'start', ready: false, detail: 'it is still starting' }
    expect(await readiness.report()).toMatchObject({ ready: false, checks: [{ role: 'web' }, starting] })
    readiness.add({ role: 'relay', parts: { log: there }, needs: 'all' })
    expect((await readiness.report()).ready).toBe(true)
  })

  it('given a role that comes while the others are asked, tells of it the next time', async () => {
    const readiness = new Readiness(['web', 'relay'])
    readiness.add({ role: 'web', parts: { log: there }, needs: 'all' })
    const asked = readiness.report()
    readiness.add({ role: 'relay', parts: { bus: there }, needs: 'all' })
    expect((await asked).checks).toMatchObject([{ role: 'web' }, { role: 'relay', name: 'start' }])
    expect((await readiness.report()).checks).toMatchObject([{ role: 'web' }, { role: 'relay', name: 'bus' }])
  })

  it.each([
    ['all', there, there, true],
    ['all', there, away, false],
    ['one', there, away, true],
    ['one', away, there, true],
    ['one', away, away, false],
  ] as const)('given a role that needs %s of its two parts, counts them', async (needs, a, b, ready) => {
    const readiness = new Readiness()
    readiness.add({ role: 'web', parts: { a, b }, needs })
    expect(await readiness.report()).toMatchObject({
      ready,
      checks: [{ ready: a === there }, { ready: b === there }],
    })
  })

  it.each([
    ['projector', 'relay', false],
    // People are served whatever becomes of what others do in the same process.
    ['web', 'relay', true],
    ['relay', 'web', false],
  ])('given %s is ready and %s is not, is ready: %j', async (first, second, ready) => {
    const readiness = new Readiness()
    readiness.add({ role: first, parts: { a: there }, needs: 'one' })
    readiness.add({ role: second, parts: { b: away }, needs: 'all' })
    expect((await readiness.report()).ready).toBe(ready)
  })

  it('given a hundred who ask at once, and a part that two roles lean on, asks it once', async () => {
    const ask = vi.fn(there)
    const readiness = new Readiness()
    for (const role of ['web', 'relay']) readiness.add({ role, parts: { log: ask }, needs: 'all' })
    const reports = await Promise.all(Array.from({ length: 100 }, () => readiness.report()))
    expect(ask).toHaveBeenCalledTimes(1)
    expect(new Set(reports).size).toBe(1)
    await readiness.report()
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('given a part that throws before it promises anything, is not ready', async () => {
    const readiness = new Readiness()
    const ask = () => {
      throw new Error('closed')
    }
    readiness.add({ role: 'web', parts: { log: ask }, needs: 'all' })
    expect((await readiness.report()).checks).toMatchObject([{ ready: false, detail: 'closed' }])
  })

  it('given a reason against the whole process, is not ready though its roles are, and says it, as long as there is one', async () => {
    const readiness = new Readiness()
    readiness.add({ role: 'web', parts: { log: there }, needs: 'one' })
    let reason: string | undefined
    readiness.refuseWhile('schema', () => reason)
    const well = { ready: true, checks: [{ role: 'web', name: 'log', ready: true }] }
    expect(await readiness.report()).toEqual(well)
    reason = 'too new'
    expect(await readiness.report()).toEqual({
      ready: false,
      checks: [...well.checks, { role: 'process', name: 'schema', ready: false, detail: 'too new' }],
    })
    reason = undefined
    expect(await readiness.report()).toEqual(well)
  })

  it('given the process is ending, is not ready at once, and asks nobody', async () => {
    const ask = vi.fn(there)
    const readiness = new Readiness()
    readiness.add({ role: 'web', parts: { log: ask }, needs: 'all' })
    const asked = readiness.report()
    readiness.end()
    const ending = { ready: false, checks: [{ name: 'shutdown', ready: false }] }
    expect(await readiness.report()).toMatchObject(ending)
    expect(await asked).toMatchObject(ending)
    expect(ask).toHaveBeenCalledTimes(1)
  })
})

describe('a part that is silent', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('costs a second, and keeps nothing from the others', async () => {
    const readiness = new Readiness()
    readiness.add({ role: 'web', parts: { log: silent, results: there }, needs: 'one' })
    const report = readiness.report()
    await vi.advanceTimersByTimeAsync(1000)
    expect(await report).toMatchObject({
      ready: true,
      checks: [{ ready: false, detail: 'the answer took more than 1000 ms' }, { ready: true }],
    })
  })

  it('is not asked again until it has answered, or ten seconds have gone', async () => {
    const ask = vi.fn(silent)
    const readiness = new Readiness()
    readiness.add({ role: 'relay', parts: { bus: ask }, needs: 'all' })
    for (let second = 0; second < 10; second++) {
      const report = readiness.report()
      await vi.advanceTimersByTimeAsync(1000)
      expect((await report).ready).toBe(false)
      expect(ask).toHaveBeenCalledTimes(1)
    }
    ask.mockImplementation((() => Promise.resolve()) as typeof silent)
    expect((await readiness.report()).ready).toBe(true)
    expect(ask).toHaveBeenCalledTimes(2)
  })
})
