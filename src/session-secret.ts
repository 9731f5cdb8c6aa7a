import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/**
 * SESSION_SECRET, or else one that is made at the first start and kept beside the data: receipts and form tokens
 * follow from it, so it must outlive the process.
 */
export async function sessionSecret(config: Pick<Config, 'sessionSecret' | 'dataDir'>): Promise<string> {
  if (config.sessionSecret !== undefined) return config.sessionSecret
  const file = join(config.dataDir, 'session-secret')
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept?.trim()) return kept.trim()
  if (kept !== undefined)
    throw new Error(`${file} is empty. Restore it, or remove it: receipts given so far still work.`)
  await mkdir(config.dataDir, { recursive: true })
  // Written whole, then linked: when two processes start at once, both use the one that came first.
  const draft = `${file}-${randomUUID()}`
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return (await readFile(file, 'utf8')).trim()
}
