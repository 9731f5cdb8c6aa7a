/** Where is chosen who is read from: the primary, or its replicas too. A composition root. */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { atMost } from './deadline.ts'
import type { LogMarks } from './events/log-marks.ts'
import { postgresMarks } from './events/postgres/postgres-marks.ts'
import type { Metrics } from './metrics/metrics.ts'
import { tellReplicas } from './metrics/replicas.ts'
import { ClientPool } from './postgres/client-pool.ts'
import { explainConnection, replicaContact, sayTls } from './postgres/open-database.ts'
import type { PeriodReader } from './projections/period-aggregate.ts'
import type { PeriodStore } from './projections/periods/period-store.ts'
import type { PollReader } from './projections/poll-reader.ts'
import type { ProjectionStore } from './projections/projection-store.ts'
import { lookAt } from './projections/replicas/look.ts'
import { Replica } from './projections/replicas/replica.ts'
import { Replicas } from './projections/replicas/replicas.ts'
import { ReplicatedPeriods } from './projections/replicas/replicated-periods.ts'
import { ReplicatedPolls } from './projections/replicas/replicated-polls.ts'
import { ReplicatedRows } from './projections/replicas/replicated-rows.ts'
import { sentences, type Verdict } from './projections/replicas/verdict.ts'
import type { SubmissionRowsStore } from './projections/submission-rows/submission-rows-store.ts'
import type { SubmissionRows } from './projections/submission-rows.ts'
import { ExportThread } from './queries/exports/export-thread.ts'
import type { Files } from './queries/exports/files.ts'

/** What questions are asked of. */
export interface Readers {
  readonly polls: PollReader
  readonly periods: PeriodReader
  readonly rows: SubmissionRows
  /** From now on nothing older is read than what the primary has now. @throws while the primary is away */
  readonly demandAllOfNow: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What reads the primary. */
interface PrimaryStores {
  readonly projections: ProjectionStore
  readonly periods: PeriodStore
  readonly rows: SubmissionRowsStore
}

interface ReadersOptions {
  readonly databaseUrl: string
  readonly primary: PrimaryStores
  /** The primary's log; undefined where it is not in PostgreSQL. */
  readonly marks: LogMarks | undefined
  readonly logger: Logger
  readonly metrics: Metrics
}

/** How long a look at the primary may take, milliseconds. */
const LOOK_MS = 2000
/** What is silent is not waited for in the end. */
const CLOSING_MS = 1500

/** Those that DATABASE_REPLICA_URLS names; they may be away, and whoever starts does not wait for them. */
export const replicasOf = ({ databaseReplicaUrls, eventStoreUrl }: Config): Replica[] =>
  databaseReplicaUrls.map(
    (url) => new Replica({ url: sayTls(url), ...(eventStoreUrl === undefined && { marksBy }) }),
  )

/** Which events the log has in a PostgreSQL. */
export const marksBy = (pool: ClientPool): LogMarks =>
  postgresMarks((text, values) =>
    pool.lend(
      async (client) => (await client.query<[string, string]>({ text, values, rowMode: 'array' })).rows,
      { deadlineMs: LOOK_MS },
    ),
  )

/** The replicas beside the primary for whoever answers questions; the primary alone where there are none. */
export function openReaders(config: Config, options: ReadersOptions): Readers {
  const { databaseUrl, primary, marks, metrics } = options
  const isAsked = config.roles.includes('web')
  if (!isAsked || config.databaseReplicaUrls.length === 0)
    return { ...primary, polls: primary.projections, demandAllOfNow: async () => {}, close: async () => {} }
  const watch = new ClientPool({ databaseUrl, name: 'taxbudget watch', size: 1 })
  const reads = metrics.reads()
  const onRead = (name: string | undefined) => reads.add(name ?? 'primary')
  const all = replicasOf(config)
  const replicas = new Replicas({
    ...{ replicas: all, marks, onRead },
    lookAtPrimary: () => watch.lend(lookAt, { deadlineMs: LOOK_MS }),
    onVerdict: verdictLog(options.logger, new Map(all.map(({ name, url }) => [name, url]))),
  })
  tellReplicas(metrics, () => replicas.states)
  replicas.start()
  return {
    polls: new ReplicatedPolls(replicas, primary.projections),
    periods: new ReplicatedPeriods(replicas, primary.periods),
    rows: new ReplicatedRows(replicas, primary.rows, onRead),
    demandAllOfNow: () => replicas.demandAllOfNow(),
    close: () => atMost(CLOSING_MS, Promise.all([replicas.close(), watch.close()])),
  }
}

/**
 * Who makes exports: a thread, which reads the primary. Where there are replicas, nobody: only this thread knows which of
 * them is to be read.
 */
export const exportFiles = (config: Config, databaseUrl: string): Files | undefined =>
  config.databaseReplicaUrls.length > 0 ? undefined : new ExportThread({ databaseUrl, tlsCa: config.tlsCa })

const awayFor = (error: Error, url: string): string =>
  explainConnection(error, url, replicaContact).message.replace(/\.?$/, '.')

/** One line whenever a replica is taken out, and when it is read again. */
const verdictLog =
  (logger: Logger, urls: ReadonlyMap<string, string>) =>
  (name: string, verdict: Verdict, error: Error | undefined): void => {
    const of = { replica: name }
    switch (verdict) {
      case 'unknown':
        break
      case 'follows':
        logger.info(of, 'a replica follows the primary, and is read')
        break
      case 'away':
        logger.warn(of, `${awayFor(error!, urls.get(name)!)} Until it answers, others are read.`)
        break
      default:
        logger.warn(of, `DATABASE_REPLICA_URLS: ${name} is not read: ${sentences[verdict]}.`)
    }
  }
