/** What a DATABASE_URL says of TLS reaches the pool too, whose library has other words for it. */
import { sql } from 'slonik'
import { expect, inject, onTestFinished, test } from 'vitest'
import { openPool } from '../../src/postgres/pool.ts'
import { databaseUrl, TEMPLATE } from '../support/database-url.ts'

test.each([
  ['verify-full', /does not support SSL/],
  ['no-verify', /does not support SSL/],
  ['disable', undefined],
])('given sslmode=%s, it asks for TLS, or does not', async (mode, refusal) => {
  const url = `${databaseUrl(inject('serverUrl'), TEMPLATE)}?sslmode=${mode}`
  const asking = async () => {
    const pool = await openPool({ databaseUrl: url, deadlineMs: 3000, size: 1 })
    onTestFinished(() => pool.end())
    return await pool.oneFirst(sql.unsafe`select 1`)
  }
  if (refusal) await expect(asking()).rejects.toThrow(refusal)
  else expect(await asking()).toBe(1)
})
