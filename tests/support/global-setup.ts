import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { useEmbeddedServer } from '../../src/postgres/embedded-server.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { databaseUrl, TEMPLATE } from './database-url.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the server that all test files share. */
    serverUrl: string
  }
}

/** One PostgreSQL for the whole run, with a migrated template that each test clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (Number(process.versions.node.split('.')[0]) < 24)
    throw new Error(`Node ${process.version} is too old: 24`)
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-test-'))
  const server = await useEmbeddedServer(dataDir)
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query(`create database ${TEMPLATE}`)
  await client.end()
  await migrate(databaseUrl(server.url, TEMPLATE))
  project.provide('serverUrl', server.url)
  return async () => {
    await server.release()
    await rm(dataDir, { recursive: true, force: true })
  }
}
