import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { eventLogContract } from './event-log.ts'
import { openPostgresHarness } from './postgres-harness.ts'

eventLogContract('PostgreSQL', () =>
  openPostgresHarness((databaseUrl) => new PostgresEventLog({ databaseUrl })),
)
