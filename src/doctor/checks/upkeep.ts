import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { count, duration, failed, fine, warning } from '../words.ts'

/** What `npm run loadtest` leaves behind. */
const Report = z.object({ madeAt: z.coerce.date(), met: z.boolean() })
/** Seconds. */
const FORTY_DAYS = 40 * 86_400

/** @param file where the report of the last load test is */
export const loadTestCheck = (file: string, now = () => new Date()): Check => ({
  name: 'load test',
  routine: 'monthly',
  look: async () => {
    const told = { name: 'load test', expected: 'made within 40 days, every target met' }
    const how =
      '`npm run loadtest` makes one, beside a copy of the service rather than the one that people use.'
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return warning({ ...told, actual: 'none known' }, how)
    const report = Report.safeParse(parsed(text))
    if (!report.success) return warning({ ...told, actual: `${file} is no report of one` }, how)
    const { madeAt, met } = report.data
    const age = (now().getTime() - madeAt.getTime()) / 1000
    const actual = `made ${duration(age)} ago, ${met ? 'every target met' : 'targets missed'}`
    if (!met) return failed({ ...told, actual }, `See ${file}, and what has changed since the one before.`)
    return age > FORTY_DAYS ? warning({ ...told, actual }, how) : fine({ ...told, actual })
  },
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A package of which there is a newer version. */
export interface Outdated {
  readonly name: string
  readonly current: string
  /** The newest that `npm update` would install. */
  readonly wanted: string
  readonly latest: string
}

/** npm is asked over the network, which may be slow. */
const UPDATES_DEADLINE_MS = 60_000
const SHOWN = 5

/** @param outdated asks the registry. @throws if it cannot be asked: that is no fault of the service */
export const updatesCheck = (outdated: (signal: AbortSignal) => Promise<readonly Outdated[]>): Check => ({
  name: 'updates',
  routine: 'monthly',
  deadlineMs: UPDATES_DEADLINE_MS + 5000,
  look: async (signal): Promise<CheckResult> => {
    const told = { name: 'updates', expected: 'packages are up to date' }
    const limited = AbortSignal.any([signal, AbortSignal.timeout(UPDATES_DEADLINE_MS)])
    let found: readonly Outdated[]
    try {
      found = await outdated(limited)
    } catch (error) {
      const actual = `not known: ${(error as Error).message.split('\n')[0]}`
      return warning({ ...told, actual }, 'Run `npm outdated` where the network can be reached.')
    }
    if (found.length === 0) return fine({ ...told, actual: 'they are' })
    // What package.json does not allow is a decision, not upkeep: `npm update` would leave it as it is.
    const within = found.filter(({ current, wanted }) => wanted !== current)
    const beyond = found.filter(({ wanted, latest }) => wanted !== latest)
    const aside = beyond.length > 0 ? `; a decision of its own: ${named(beyond)}` : ''
    if (within.length === 0)
      return fine({ ...told, actual: `they are, as far as package.json allows${aside}` })
    const actual = `${count(within.length, 'package')} newer: ${named(within, 'wanted')}${aside}`
    return warning({ ...told, actual }, '`npm update`, then `npm test`; `npm audit` tells which are urgent.')
  },
})

function named(packages: readonly Outdated[], to: 'wanted' | 'latest' = 'latest'): string {
  const some = packages.slice(0, SHOWN).map((each) => `${each.name} ${each.current} → ${each[to]}`)
  return `${some.join(', ')}${packages.length > SHOWN ? `, and ${packages.length - SHOWN} more` : ''}`
}
