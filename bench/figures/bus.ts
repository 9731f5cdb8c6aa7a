import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { appendRate, freshEvents } from '../appends.ts'
import { compare } from '../harness.ts'
import { scriptPath, start } from '../processes.ts'
import { startNats } from '../servers.ts'
import { type Benchmark, query } from '../workbench.ts'
import { CALLERS, checkProjection, EMPTY } from './projector.ts'

const unit = 'events/s'

/** How far ahead of the log's best rate relay and projector keep, with JetStream between them. */
export const bus: Benchmark = {
  name: 'bus',
  measure: async (bench) => {
    const { large, rounds, seconds } = bench.sizes
    const url = await bench.seeded(large)
    const nats = await startNats(bench)
    const log = new PostgresEventLog({ databaseUrl: await bench.database('bus_rival') })
    bench.onEnd(() => log.close())
    const fresh = await freshEvents()
    let round = 0
    const throughTheBus = async () => {
      await query(url, EMPTY)
      const env = { DATABASE_URL: url, NATS_URL: nats.url, BUS: `round-${++round}` }
      const run = (role: string) =>
        start({
          command: process.execPath,
          args: [scriptPath('project-from-bus.ts')],
          env: { ...env, ROLE: role },
          ready: /is active/,
        })
      const projector = await run('projector')
      const relay = await run('relay')
      const started = performance.now()
      await projector.says(/reached the head/)
      const rate = ((large + 1) * 1000) / (performance.now() - started)
      await Promise.all([relay.stop(), projector.stop()])
      return rate
    }
    const figure = await compare(
      {
        what: 'relay and projector over JetStream ÷ appends at their best',
        target: { atLeast: 2 },
        unit: '',
      },
      [
        { name: 'relay and projector', unit, run: throughTheBus },
        {
          name: `appends, ${CALLERS} callers`,
          unit,
          run: () => appendRate(log, fresh, { callers: CALLERS, seconds }),
        },
      ],
      rounds,
    )
    await checkProjection(url)
    return [figure]
  },
}
