import { describe, expect, test } from 'vitest'
import { Misuse, readOptions } from '../../loadtest/options.ts'
import { type Counting, Measurements } from '../../loadtest/report.ts'
import { schedule } from '../../loadtest/schedule.ts'
import type { Kind } from '../../loadtest/targets.ts'
import { seededRandom } from '../../src/cli/simulate/random.ts'

const mix = { home: 20, submission: 10, results: 70, individual: 0 }

describe('the arrivals', () => {
  test('come at the rate and in the mix that were asked for, in order, whatever becomes of them', () => {
    const arrivals = [...schedule({ rate: 100, mix, seconds: 100 }, seededRandom('a'))]
    expect(arrivals.length).toBeGreaterThan(9500)
    expect(arrivals.length).toBeLessThan(10_500)
    const dues = arrivals.map(({ due }) => due)
    expect(dues).toEqual(dues.toSorted((a, b) => a - b))
    expect(dues.at(-1)).toBeLessThan(100_000)
    const share = (kind: Kind) => arrivals.filter((arrival) => arrival.kind === kind).length / arrivals.length
    expect(share('home')).toBeCloseTo(0.2, 1)
    expect(share('submission')).toBeCloseTo(0.1, 1)
    expect(share('results')).toBeCloseTo(0.7, 1)
    expect(share('individual')).toBe(0)
  })

  test('follow from the seed alone', () => {
    const of = (seed: string) => [...schedule({ rate: 10, mix, seconds: 5 }, seededRandom(seed))]
    expect(of('a')).toEqual(of('a'))
    expect(of('a')).not.toEqual(of('b'))
  })
})

describe('the options', () => {
  test.each([
    [['--rate', '0'], '--rate must be a number'],
    [['--seconds', 'x'], '--seconds must be a number'],
    [['--mix', 'home=1,tea=2'], '"tea=2" is none'],
    [['--mix', 'home=0'], 'nothing in it'],
    [['--url', 'example.org'], '--url must look like'],
    [['--url', 'http://example.org'], 'example.org is not this machine: with --elsewhere'],
    [['--url', 'http://10.1.2.3:3000/'], '10.1.2.3 is not this machine'],
    [['--frob'], 'Unknown option'],
  ])('given %j, then it says what is wrong', (args, message) => {
    expect(() => readOptions(args, 's')).toThrow(Misuse)
    expect(() => readOptions(args, 's')).toThrow(message)
  })

  test('given an address of this machine, or leave to use another, then it is taken', () => {
    for (const url of ['http://localhost:3000', 'http://127.0.0.2', 'http://[::1]:80'])
      expect(readOptions(['--url', `${url}/`], 's')).toMatchObject({ url })
    expect(readOptions(['--url', 'https://example.org', '--elsewhere'], 's')).toMatchObject({
      url: 'https://example.org',
    })
    expect(readOptions([], 's')).toMatchObject({ url: undefined, rate: 50, seconds: 30, seed: 's' })
  })
})

describe('the report', () => {
  const options = readOptions(['--rate', '10', '--seconds', '10'], 's')!
  const counting: Counting = { acknowledged: 5, unknown: 0, counted: 5, wrong: 0, met: true }
  const report = (measured: Measurements, changes: { counting?: Counting; tookSeconds?: number } = {}) =>
    measured.report(options, { at: new Date(0), url: 'here', tookSeconds: 10, counting, ...changes })
  const quick = () => {
    const measured = new Measurements()
    for (let n = 1; n <= 100; n++) measured.answered('results', n / 2)
    return measured
  }

  test('given times, then it has their percentiles, and tells whether the target is met', () => {
    expect(report(quick())).toMatchObject({
      met: true,
      rate: { asked: 10, due: 10, answered: 10, met: true },
      kinds: [{ kind: 'results', answered: 100, p50: 25, p90: 45, p95: 47.5, p99: 49.5, max: 50, met: true }],
    })
    const slow = quick()
    for (let n = 0; n < 10; n++) slow.answered('results', 400)
    expect(report(slow)).toMatchObject({ met: false, kinds: [{ p95: 400, met: false }] })
  })

  test('given one failure, a lost submission, or answers that fall behind, then it is not met', () => {
    const failed = quick()
    failed.failed('home', new Error('/ is answered 503'))
    expect(report(failed)).toMatchObject({ met: false, errors: { '/ is answered 503': 1 } })
    expect(report(quick(), { counting: { ...counting, met: false } }).met).toBe(false)
    expect(report(quick(), { tookSeconds: 12 })).toMatchObject({
      met: false,
      rate: { answered: 8.3, met: false },
    })
  })
})
