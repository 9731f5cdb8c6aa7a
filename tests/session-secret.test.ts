import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionSecret } from '../src/session-secret.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-secret-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const settings = (dataDir = folder) => ({ dataDir, sessionSecret: undefined })

test('given SESSION_SECRET is set, then it is that, and nothing is written', async () => {
  expect(await sessionSecret({ dataDir: folder, sessionSecret: 'x'.repeat(32) })).toBe('x'.repeat(32))
  expect(await readdir(folder)).toEqual([])
})

test('given it is not set, then one is made at the first start, and stays', async () => {
  const dataDir = join(folder, 'not', 'there', 'yet')
  const secret = await sessionSecret(settings(dataDir))
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(await sessionSecret(settings(dataDir))).toBe(secret)
  expect(await readdir(dataDir)).toEqual(['session-secret'])
})

test('given the file, then nobody else may read it', async () => {
  await sessionSecret(settings())
  expect((await stat(join(folder, 'session-secret'))).mode & 0o777).toBe(0o600)
})

test('given another folder, then it is another one', async () => {
  expect(await sessionSecret(settings(join(folder, 'a')))).not.toBe(
    await sessionSecret(settings(join(folder, 'b'))),
  )
})

test('given several processes start at once, then they all have the same one', async () => {
  const program = `
    import { sessionSecret } from ${JSON.stringify(join(import.meta.dirname, '..', 'src', 'session-secret.ts'))}
    console.log(await sessionSecret(${JSON.stringify({ dataDir: folder })}))`
  const run = promisify(execFile)
  const secrets = await Promise.all(
    Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', program])),
  )
  expect(new Set(secrets.map(({ stdout }) => stdout.trim())).size).toBe(1)
  expect(await readdir(folder)).toEqual(['session-secret'])
})

test('given the file is empty, then that is told, and it is not taken for a secret', async () => {
  await writeFile(join(folder, 'session-secret'), '\n')
  await expect(sessionSecret(settings())).rejects.toThrow(/session-secret is empty/)
})
