import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BadBackup } from './bad-backup.ts'
import { openBackup } from './read-backup.ts'

const NAME = /^taxbudget-\d{8}T\d{6}Z-p\d+\.ndjson\.zst$/

/** What a backup in a folder is called if nobody says otherwise. */
export const backupName = (now: Date, position: bigint): string =>
  `taxbudget-${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z-p${position}.ndjson.zst`

/**
 * Removes all but the newest backups of a database from a folder. What has another name, is of another database or
 * cannot be read stays.
 * @param database whose
 * @param keep how many, at least 1
 * @returns the files that were removed, and those that cannot be read
 */
export async function rotate(
  folder: string,
  database: string,
  keep: number,
): Promise<{ removed: string[]; unreadable: string[] }> {
  const [ours, unreadable] = [[] as { path: string; madeAt: string }[], [] as string[]]
  for (const name of await readdir(folder)) {
    if (!NAME.test(name)) continue
    const path = join(folder, name)
    try {
      const { manifest, close } = await openBackup(path)
      await close()
      if (manifest.database === database) ours.push({ path, madeAt: manifest.madeAt })
    } catch (error) {
      if (!(error instanceof BadBackup)) throw error
      unreadable.push(path)
    }
  }
  ours.sort((a, b) => (a.madeAt < b.madeAt ? 1 : -1))
  const removed = ours.slice(keep).map(({ path }) => path)
  for (const path of removed) await rm(path)
  return { removed, unreadable }
}
