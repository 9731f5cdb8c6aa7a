import { createPgDriverFactory } from '@slonik/pg-driver'
import { createPool, type DatabasePool } from 'slonik'
import { DeadlineExceeded, withDeadline } from '../deadline.ts'
import type { PoolUse } from './pool-use.ts'

export interface PoolOptions {
  readonly databaseUrl: string
  /** How long to wait for a connection, and for one statement, milliseconds. */
  readonly deadlineMs: number
  readonly size: number
}

type DriverFactory = ReturnType<typeof createPgDriverFactory>
type Driver = Awaited<ReturnType<DriverFactory>>
type DriverClient = Awaited<ReturnType<Driver['createClient']>>

/** A server that is only slow has this long to say so itself before it counts as silent. */
const GRACE_MS = 500

/** How its connections are used at the moment. */
export function useOf(pool: DatabasePool): PoolUse {
  const { acquiredConnections, idleConnections, waitingClients } = pool.state()
  return { busy: acquiredConnections, idle: idleConnections, waiting: waitingClients }
}

/** A slonik pool whose every wait has an end, also the wait for a server that has gone silent. */
export const openPool = ({ databaseUrl, deadlineMs, size }: PoolOptions): Promise<DatabasePool> => {
  const pool = createPool(forSlonik(databaseUrl), {
    driverFactory: giveUpOnSilence(createPgDriverFactory(), deadlineMs + GRACE_MS),
    maximumPoolSize: size,
    connectionTimeout: deadlineMs,
    statementTimeout: deadlineMs,
    // What a transaction has locked is free again soon after its owner has gone silent.
    idleInTransactionSessionTimeout: deadlineMs,
    gracefulTerminationTimeout: GRACE_MS,
    // Nothing here changes a session, so there is nothing to put back, nor a round trip to spend on it.
    resetConnection: async () => {},
    connectionRetryLimit: 0,
    queryRetryLimit: 0,
    transactionRetryLimit: 0,
  })
  return withDeadline(2 * deadlineMs, 'connecting to PostgreSQL', pool)
}

/** What the driver calls `verify-full` slonik calls `require`: an encrypted connection to whom its certificate names. */
const forSlonik = (databaseUrl: string): string =>
  databaseUrl.replace(/([?&]sslmode=)verify-full(?=&|$)/, '$1require')

/**
 * `statement_timeout` is the server's to keep, and a server that is not heard of keeps nothing; pg's own deadline for
 * an answer cannot be set through slonik's driver. Who waits longer is told so, and the connection is not used again.
 */
function giveUpOnSilence(factory: DriverFactory, deadlineMs: number): DriverFactory {
  return async (settings) => {
    const driver = await factory(settings)
    const clients = new Set<DriverClient>()
    const suspectOthers = () => {
      for (const client of clients) if (client.state() === 'IDLE') client.destroy().catch(() => {})
    }
    const createClient = async () => {
      const client = await driver.createClient()
      clients.add(client)
      client.on('destroy', () => clients.delete(client))
      return withDeadlines(client, deadlineMs, suspectOthers)
    }
    return { createClient }
  }
}

/** @param onSilence where one connection is silent, those that rest beside it most likely are too */
function withDeadlines(client: DriverClient, deadlineMs: number, onSilence: () => void): DriverClient {
  let silence: DeadlineExceeded | undefined
  const query: DriverClient['query'] = async (...statement) => {
    // A transaction would try to roll back, and wait once more.
    if (silence) throw silence
    try {
      return await withDeadline(deadlineMs, 'PostgreSQL', client.query(...statement))
    } catch (error) {
      if (error instanceof DeadlineExceeded) {
        silence = error
        onSilence()
      }
      throw error
    }
  }
  return { ...client, query }
}
