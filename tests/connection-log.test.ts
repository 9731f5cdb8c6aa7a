import { Writable } from 'node:stream'
import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectionLog, outageLog } from '../src/connection-log.ts'
import { StartsWithout } from '../src/first-contact.ts'

let lines: { level: number; msg: string; err?: object }[]
let logger: pino.Logger

beforeEach(() => {
  lines = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(chunk))
      done()
    },
  })
  logger = pino(stream)
})

const said = () => lines.map(({ msg }) => msg)
const failure = new Error('refused')

describe('the log of a connection', () => {
  it('tells of the first success, and of each loss and its end once', () => {
    const tell = connectionLog(logger, 'lost', 'there')
    for (const error of [undefined, undefined, failure, failure, undefined, undefined, undefined, failure])
      tell(error)
    expect(said()).toEqual(['there', 'lost', 'there', 'lost'])
    expect(lines[1]).toMatchObject({ level: 40, err: { message: 'refused' } })
  })

  it('given it is away at first, tells in the sentence that there is, without a stack', () => {
    const tell = connectionLog(logger, 'lost', 'there')
    tell(new StartsWithout('X_URL: nothing listens.'))
    tell(failure)
    tell()
    expect(said()).toEqual(['X_URL: nothing listens.', 'there'])
    expect(lines[0]).not.toHaveProperty('err')
  })
})

describe('the log of outages', () => {
  it('tells of no success unless something had failed', () => {
    const tell = outageLog(logger, 'away', 'back', { calmMs: 0 })
    for (const error of [undefined, failure, failure, undefined, undefined]) tell(error)
    expect(said()).toEqual(['away', 'back'])
  })

  it('takes what fails now and then for one outage', () => {
    let now = 0
    const tell = outageLog(logger, 'away', 'back', { calmMs: 5000, now: () => now })
    for (; now < 60_000; now += 1000) tell(now % 2000 === 0 ? failure : undefined)
    expect(said()).toEqual(['away'])
    for (; now < 70_000; now += 1000) tell()
    expect(said()).toEqual(['away', 'back'])
  })
})
