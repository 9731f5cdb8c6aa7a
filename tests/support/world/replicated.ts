/** A primary, its replicas, one process that writes, and processes that answer from all of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { readConfig } from '../../../src/config.ts'
import { type RunningService, startService } from '../../../src/main.ts'
import { exposedValues } from './exposed-values.ts'
import { PostgresServer } from './postgres-server.ts'

export interface Replicated {
  readonly primary: PostgresServer
  readonly replicas: readonly PostgresServer[]
  /** Of a process that answers. */
  readonly settings: Readonly<Record<string, string>>
  /** Starts another process that answers questions; closed with the rest. */
  web(environment?: Readonly<Record<string, string>>): Promise<RunningService>
  close(): Promise<void>
}

const SECRET = 'a-secret-that-all-processes-share'

/** Nothing is embedded, and nobody but the projector writes read models. */
export async function startReplicated(replicas: number): Promise<Replicated> {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-replicas-'))
  const primary = await PostgresServer.create(join(folder, 'primary'))
  const running: RunningService[] = []
  const common = { DATABASE_URL: primary.url, DATA_DIR: folder, SESSION_SECRET: SECRET }
  const start = async (environment: Readonly<Record<string, string>>) => {
    const service = await startService(
      readConfig({ ...common, PORT: '0', LOG_LEVEL: 'silent', ...environment }),
    )
    running.push(service)
    return service
  }
  await start({ ROLES: 'projector' })
  const all: PostgresServer[] = []
  for (let index = 0; index < replicas; index++)
    all.push(await PostgresServer.replicaOf(primary, join(folder, `replica-${index}`)))
  const settings = { ...common, DATABASE_REPLICA_URLS: all.map(({ url }) => url).join(',') }
  return {
    primary,
    replicas: all,
    settings,
    web: (environment = {}) => start({ ...settings, ROLES: 'web', ...environment }),
    close: async () => {
      for (const server of [primary, ...all]) server.resume()
      await Promise.all(running.map((service) => service.close()))
      await Promise.all([primary, ...all].map((server) => server.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** How the server is called where replicas are told of. */
export const nameOf = ({ url }: PostgresServer): string => new URL(url).host

/** One statement, on a connection of its own. */
export async function on({ url }: PostgresServer, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

/** Of each server: how many questions it has answered to this process. */
export const readsOf = (service: RunningService) =>
  exposedValues(service.url, 'taxbudget_projection_reads_total', 'server')

/** Of each replica, whether this process reads it. */
export const inUseAt = (service: RunningService) =>
  exposedValues(service.url, 'taxbudget_replica_in_use', 'replica')
