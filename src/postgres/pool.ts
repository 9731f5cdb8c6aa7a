import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type DatabasePool } from 'slonik'

export interface PoolOptions {
  readonly databaseUrl: string
  /** How long to wait for a connection, and for one statement, milliseconds. */
  readonly deadlineMs: number
  readonly size: number
}

/** A slonik pool whose every wait has an end. It connects when it is first used. */
export const openPool = ({ databaseUrl, deadlineMs, size }: PoolOptions): Promise<DatabasePool> =>
  createPool(databaseUrl, {
    driverFactory: createPgDriverFactory(),
    maximumPoolSize: size,
    connectionTimeout: deadlineMs,
    statementTimeout: deadlineMs,
    connectionRetryLimit: 0,
    queryRetryLimit: 0,
    transactionRetryLimit: 0,
  })
