import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import type { Outdated } from './checks/upkeep.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NO_RETRIES = ['--fetch-retries=0', '--fetch-timeout=15000', '--loglevel=silent', '--no-update-notifier']

/** Their major version is Node's, which is chosen apart: a newer one is not wanted. */
const GO_WITH_NODE = new Set(['node', '@types/node'])

const Told = z.record(
  z.string(),
  z.object({ current: z.string().optional(), wanted: z.string(), latest: z.string() }),
)

/**
 * What `npm outdated` tells of the packages that the program runs with.
 * @param npm the program to run
 * @throws in a few words if there is no npm, or it cannot reach its registry
 */
export async function outdatedPackages(signal: AbortSignal, npm = 'npm'): Promise<readonly Outdated[]> {
  const output = await run(npm, ['outdated', '--json', '--omit=dev', ...NO_RETRIES], signal)
  const told: unknown = JSON.parse(output === '' ? '{}' : output)
  if (typeof told === 'object' && told !== null && 'error' in told)
    throw new Error(`npm cannot ask: ${reasonIn(told.error)}`)
  return Object.entries(Told.parse(told)).flatMap(([name, { current, wanted, latest: newest }]) => {
    const latest = GO_WITH_NODE.has(name) ? wanted : newest
    return current === undefined || (current === wanted && current === latest)
      ? []
      : [{ name, current, wanted, latest }]
  })
}

/** What it writes; that something is outdated is told by its exit code too. */
const run = (npm: string, args: readonly string[], signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(npm, args, { cwd: ROOT, signal }, (error, stdout) => {
      if (!error || stdout.trim().startsWith('{')) return resolve(stdout.trim())
      if (error.name === 'AbortError') return reject(new Error('npm has not answered in time'))
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      reject(new Error(missing ? 'there is no npm here' : 'npm cannot reach its registry'))
    })
  })

function reasonIn(error: unknown): string {
  const told = z.object({ code: z.string().nullish(), summary: z.string().nullish() }).safeParse(error)
  return (told.data?.code || told.data?.summary || 'it does not say why').split('\n')[0]!
}
