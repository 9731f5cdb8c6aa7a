import pg from 'pg'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { createTestDatabase } from '../support/database.ts'
import { type EventLogHarness, eventLogContract } from './event-log.ts'

/** The key of the lock that a held append waits for. */
const HOLD = 99

async function open(): Promise<EventLogHarness> {
  const { url, drop } = await createTestDatabase()
  const admin = new pg.Client(url)
  await admin.connect()
  const log = new PostgresEventLog({ databaseUrl: url })
  return {
    log,
    openAnother: () => new PostgresEventLog({ databaseUrl: url }),
    interrupt: async () => {
      await admin.query(`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`)
    },
    holdAppend: async (stream) => {
      await admin.query(`
        select pg_advisory_lock(${HOLD});
        create function hold() returns trigger language plpgsql as $$
        begin
          perform pg_advisory_xact_lock_shared(${HOLD});
          return new;
        end $$;
        create trigger hold before insert on events for each row when (new.stream = '${stream}') execute function hold()`)
      return async () => {
        await admin.query(`select pg_advisory_unlock(${HOLD})`)
      }
    },
    unstorable: { id: 'not a UUID', type: 'Tested', schemaVersion: 1, data: {} },
    close: async () => {
      await log.close()
      await admin.end()
      await drop()
    },
  }
}

eventLogContract('PostgreSQL', open)
