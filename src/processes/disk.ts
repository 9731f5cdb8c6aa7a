import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Room on a disk, bytes. */
export interface Room {
  readonly free: number
  readonly size: number
}

/** Of the disk that a folder is on, or will be on when it is made. */
export async function roomFor(folder: string): Promise<Room> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder)
    return { free: bavail * bsize, size: blocks * bsize }
  } catch (error) {
    const parent = dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error
    return await roomFor(parent)
  }
}
