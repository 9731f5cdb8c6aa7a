import type { Room } from '../../processes/disk.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { bytes, judged, percent } from '../words.ts'

interface Folder {
  /** The setting that names it. */
  readonly setting: string
  readonly path: string
  /** What is kept there. */
  readonly holds: string
}

/** Of the disk in use. */
const USED = { warnAt: 0.85, failAt: 0.95 }

export const diskCheck = (folders: readonly Folder[], roomFor: (path: string) => Promise<Room>): Check => ({
  name: 'disk',
  routine: 'always',
  look: async () =>
    await Promise.all(folders.map(async (folder) => diskResult(folder, await roomFor(folder.path)))),
})

function diskResult({ setting, path, holds }: Folder, { free, size }: Room): CheckResult {
  const told = {
    name: `disk: ${setting}`,
    expected: `${percent(1 - USED.warnAt)} free`,
    actual: `${bytes(free)} of ${bytes(size)} free, ${percent(free / size)}`,
  }
  return judged(told, 1 - free / size, USED, `Make room on the disk of ${path}, which holds ${holds}.`)
}
