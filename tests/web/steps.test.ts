import fc from 'fast-check'
import { expect, test } from 'vitest'
import { did, noSteps, readSteps, redone, undone, writeSteps } from '../../src/web/public/steps.js'

const anyStates = fc.array(fc.tuple(fc.string(), fc.string(), fc.constantFrom('00', '01')), {
  minLength: 1,
  maxLength: 20,
})

test('whatever was done is undone step by step, and redone to where it was', () => {
  fc.assert(
    fc.property(anyStates, (states) => {
      let steps = noSteps
      for (const before of states.slice(0, -1)) steps = did(steps, before)
      let now: readonly string[] = states.at(-1)!
      for (const expected of states.slice(0, -1).reverse()) {
        const back = undone(steps, now)!
        ;({ steps, state: now } = back)
        expect(now).toEqual(expected)
      }
      expect(undone(steps, now)).toBeUndefined()
      for (const expected of states.slice(1)) {
        const again = redone(steps, now)!
        ;({ steps, state: now } = again)
        expect(now).toEqual(expected)
      }
      expect(redone(steps, now)).toBeUndefined()
    }),
  )
})

test('steps that are written are read again, and something new ends what could be redone', () => {
  fc.assert(
    fc.property(anyStates, (states) => {
      const steps = { past: states.slice(0, 5), future: states.slice(5, 9) }
      expect(readSteps(writeSteps(steps), 2)).toEqual(steps)
      expect(did(steps, states[0]!).future).toEqual([])
    }),
  )
})

test.each([
  undefined,
  ['[[],[]]'],
  '',
  'x',
  '{}',
  'null',
  '[1,2]',
  '[[["1"]],[]]',
  '[[["1","2",3]],[]]',
  '[[],[["1","2","00","4"]]]',
  JSON.stringify([[Array(3).fill('x'.repeat(9000))], []]),
])('%.40j is no steps: what a form sends may be anything', (text) => {
  expect(readSteps(text, 2)).toEqual(noSteps)
})

test('a form does not grow for ever: the oldest steps go first', () => {
  let steps = noSteps
  for (let n = 0; n < 500; n++) steps = did(steps, [String(n), 'x'.repeat(300), '0'])
  const kept = readSteps(writeSteps(steps), 2)
  expect(writeSteps(steps).length).toBeLessThanOrEqual(8000)
  expect(kept.past.length).toBeGreaterThan(10)
  expect(kept.past.at(-1)![0]).toBe('499')
})
