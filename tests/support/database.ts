import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { databaseUrl, TEMPLATE } from './database-url.ts'

export interface TestDatabase {
  readonly url: string
  /** Fails if somebody is still connected: a test must not leak connections. */
  drop(): Promise<void>
}

/** A database of one's own with today's schema, on the server that all tests share. */
export async function createTestDatabase({ template = TEMPLATE } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} template ${template}`)
  return { url: databaseUrl(inject('serverUrl'), name), drop: () => dropDatabase(name) }
}

/** A closed connection takes the server a moment to notice. */
const GRACE_MS = 2000

async function dropDatabase(name: string): Promise<void> {
  const deadline = Date.now() + GRACE_MS
  for (;;) {
    try {
      return await onServer(`drop database ${name}`)
    } catch (error) {
      if (Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
      else {
        await onServer(`drop database ${name} with (force)`)
        throw new Error('the test has left connections open', { cause: error })
      }
    }
  }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('serverUrl'))
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
