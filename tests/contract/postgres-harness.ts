import pg from 'pg'
import type { EventLog } from '../../src/events/event-log.ts'
import { createTestDatabase } from '../support/database.ts'
import type { EventLogHarness } from './event-log.ts'

/** The key of the lock that a held append waits for. */
const HOLD = 99

/**
 * @param openLog opens a log in the database
 * @param prepare is given the database before that
 */
export async function openPostgresHarness(
  openLog: (databaseUrl: string) => EventLog,
  prepare: (databaseUrl: string) => Promise<void> = async () => {},
): Promise<EventLogHarness> {
  const { url, drop } = await createTestDatabase()
  await prepare(url)
  const admin = new pg.Client(url)
  await admin.connect()
  const log = openLog(url)
  return {
    log,
    openAnother: () => openLog(url),
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
