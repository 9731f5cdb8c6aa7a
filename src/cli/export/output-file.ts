import { open, rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExportSidecar } from '../../queries/exports/sidecar.ts'

/** What goes beside an exported file. */
export const sidecarPath = (file: string): string => `${file}.json`

export interface PartialFile {
  readonly stream: Writable
  /** Gives it its name, once everything of it is on disk. */
  readonly keep: () => Promise<void>
  /** Removes it, unless it was kept. */
  readonly discard: () => Promise<void>
}

/** A file that appears under its name when it is whole. */
export async function partialFile(path: string): Promise<PartialFile> {
  const partial = `${path}.partial`
  const handle = await open(partial, 'w')
  let kept = false
  return {
    stream: handle.createWriteStream({ flush: true }),
    keep: async () => {
      await rename(partial, path)
      kept = true
    },
    discard: async () => {
      if (kept) return
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
}

/** What goes beside `file`, on disk under another name until it is kept. */
export async function partialSidecar(file: string, sidecar: ExportSidecar): Promise<PartialFile> {
  const partial = await partialFile(sidecarPath(file))
  try {
    await pipeline([`${JSON.stringify(sidecar, null, 2)}\n`], partial.stream)
    return partial
  } catch (error) {
    await partial.discard()
    throw error
  }
}
