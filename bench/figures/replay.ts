import { check, compare, judge } from '../harness.ts'
import type { CopyResult } from '../processes/copy.ts'
import type { ReplayResult } from '../processes/replay.ts'
import { runProcess } from '../processes.ts'
import type { Benchmark } from '../workbench.ts'

const unit = 'events/s'

/** What decoding and folding every event costs beside reading it, and how much memory it takes. */
export const replay: Benchmark = {
  name: 'replay',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const env = { DATABASE_URL: await bench.seeded(large) }
    const megabytes: number[] = []
    const replaying = async () => {
      const result = await runProcess<ReplayResult>('replay.ts', env)
      const { events, counted, parked, unknown } = result
      check(events === large + 1, `${events} events were replayed`)
      check(counted === large && parked + unknown === 0, `${counted} submissions were counted`)
      megabytes.push(result.megabytes)
      return (events * 1000) / result.milliseconds
    }
    const copying = async () => {
      const { events, milliseconds } = await runProcess<CopyResult>('copy.ts', env)
      check(events === large + 1, `${events} rows were read`)
      return (events * 1000) / milliseconds
    }
    return [
      await compare(
        { what: 'full replay ÷ COPY thrown away', target: { atLeast: 0.6 }, unit: '' },
        [
          { name: 'replay', unit, run: replaying },
          { name: 'COPY', unit, run: copying },
        ],
        rounds,
      ),
      judge({ what: 'full replay, memory', target: { atMost: 300 }, unit: 'MB' }, megabytes),
    ]
  },
}
