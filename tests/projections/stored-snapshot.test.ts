import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fold } from '../../src/projections/fold.ts'
import { readSnapshot, snapshotKey, writeSnapshot } from '../../src/projections/stored-snapshot.ts'
import { plain } from '../support/aggregates.ts'
import { actions, tell } from '../support/history.ts'

it('gives back every aggregate as it was written, whatever happened', () => {
  fc.assert(
    fc.property(actions(), fc.bigInt({ min: 0n, max: 2n ** 63n }), (acts, before) => {
      const fold = new Fold()
      let position = before
      for (const { stream, events } of tell(acts))
        for (const event of events) {
          fold.apply({ metadata: {}, ...event, stream, revision: 0, position: ++position, recordedAt: '' })
        }
      expect(fold.polls.size).toBe(2)
      for (const [poll, aggregate] of fold.polls)
        expect(plain(readSnapshot(writeSnapshot(aggregate), poll, aggregate.position))).toEqual(
          plain(aggregate),
        )
    }),
    { numRuns: 50 },
  )
})

it('has a key of its own for each database and poll', () => {
  const keys = ['a', 'b'].flatMap((database) => ['one', 'two'].map((poll) => snapshotKey(database, poll)))
  expect(new Set(keys).size).toBe(4)
  for (const key of keys) expect(key).toMatch(/^taxbudget:snapshot:v1-\d+:/)
})
