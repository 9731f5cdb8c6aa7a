import type { Logger } from 'pino'
import { readMigrations } from '../postgres/migrations.ts'
import { SchemaGuard } from '../postgres/schema-guard.ts'
import type { Services } from '../services.ts'

interface SchemaWatch {
  /** Aborts as soon as this program cannot use the schema: whoever writes read models must stop then. */
  readonly refused: AbortSignal
  readonly ended: Promise<void>
}

/**
 * Has /readyz tell that this program cannot use the database's schema any more, until `signal` aborts.
 * @param onUsableAgain told when it can again after it could not: start anew, for workers have stopped
 */
export async function watchSchema(
  { observation, readiness }: Pick<Services, 'observation' | 'readiness'>,
  logger: Logger,
  onUsableAgain: () => void,
  signal: AbortSignal,
): Promise<SchemaWatch> {
  const refused = new AbortController()
  const onChange = (why: string | undefined) => {
    if (why === undefined) {
      logger.warn('the schema can be used again: this process starts anew')
      return onUsableAgain()
    }
    logger.error(
      { err: new Error(why) },
      'this program cannot use the schema: it is not ready, and projects nothing',
    )
    refused.abort()
  }
  const read = () => observation.database.schema()
  const guard = new SchemaGuard({ known: await readMigrations(), read, onChange })
  readiness.refuseWhile('schema', () => guard.why)
  return { refused: refused.signal, ended: guard.run(signal) }
}
