import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { useEmbeddedServer } from '../../postgres/embedded-server.ts'

const NAME = /^taxbudget-verify-(\d+)-\w+$/

/**
 * Settings for a database of one's own, that nobody else knows: an embedded PostgreSQL in a new folder.
 * @param folder where the new folder is made
 */
export async function scratchConfig(config: Config, folder: string): Promise<Config> {
  await removeLeftovers(folder)
  const dataDir = await mkdtemp(join(folder, `taxbudget-verify-${process.pid}-`))
  return {
    ...config,
    dataDir,
    archiveDir: join(dataDir, 'archive'),
    databaseUrl: undefined,
    eventStoreUrl: undefined,
    natsUrl: undefined,
    redisUrl: undefined,
  }
}

/** What processes have left behind that were killed: their folders, and the servers that still run in them. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(NAME.exec(name)?.[1])
    if (!(pid > 0) || isAlive(pid)) continue
    const path = join(folder, name)
    const runs = await stat(join(path, 'postgres', 'postmaster.pid')).catch(() => undefined)
    // Whoever joins it and leaves as the last one stops it.
    if (runs) await useEmbeddedServer(path).then((server) => server.release())
    await rm(path, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
