import type { DailySize } from '../../processes/database-figures.ts'
import type { Room } from '../../processes/disk.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { bytes, count, failed, fine, warning } from '../words.ts'

export interface GrowthOptions {
  /** Bytes. */
  readonly size: () => Promise<number>
  readonly dailySizes: () => Promise<readonly DailySize[]>
  /** Of the disk that the database is on; undefined: it is another machine's, and cannot be seen. */
  readonly room: (() => Promise<Room>) | undefined
  readonly now?: () => Date
}

const DAY_MS = 86_400_000
/** Days until the disk is full. */
const LEAST_DAYS = { warn: 30, fail: 3 }

/** How large the database is, by how much it grows, and when its disk will be full. */
export const growthCheck = ({ size, dailySizes, room, now = () => new Date() }: GrowthOptions): Check => ({
  name: 'database: growth',
  routine: 'always',
  look: async () => {
    const [bytesNow, samples, disk] = await Promise.all([size(), dailySizes(), room?.()])
    return growthResult(bytesNow, samples, disk, now())
  },
})

function growthResult(
  size: number,
  samples: readonly DailySize[],
  room: Room | undefined,
  now: Date,
): CheckResult {
  const told = { name: 'database: growth', expected: `${LEAST_DAYS.warn} days until the disk is full` }
  const is = `${bytes(size)} now`
  const [first] = samples
  const days = first ? (now.getTime() - first.takenAt.getTime()) / DAY_MS : 0
  // Within a day, what one import has added would look like what comes every day.
  if (!first || days < 1) return fine({ ...told, actual: `${is}; by how much it grows is known in a day` })
  const aDay = (size - first.database) / days
  const grows = `${is}, ${bytes(aDay)} more a day over ${count(Math.round(days), 'day')}`
  if (!room) return fine({ ...told, actual: `${grows}; its server’s disk is not visible from here` })
  if (aDay <= 0) return fine({ ...told, actual: `${is}, not growing; ${bytes(room.free)} free` })
  const left = Math.floor(room.free / aDay)
  const actual = `${grows}; full in ${count(left, 'day')}`
  const advice = 'Archive past months (`taxbudget archive --drop`), or give it a larger disk.'
  if (left < LEAST_DAYS.fail) return failed({ ...told, actual }, advice)
  return left < LEAST_DAYS.warn ? warning({ ...told, actual }, advice) : fine({ ...told, actual })
}
