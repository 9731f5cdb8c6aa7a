import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { runCommand, runProcess, scriptPath } from './processes.ts'

/** Closed-loop load: so many connections, each with one request under way. */
export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** A file with one JSON body a line, posted in turn; without it the load is GETs. */
  readonly bodies?: string
}

export interface LoadResult {
  readonly requestsPerSecond: number
  /** Answers with a status of 200 to 299. */
  readonly succeeded: number
  /** Other answers, time-outs and broken connections. */
  readonly failed: number
  readonly bytes: number
}

/** `wrk` if it is installed: it leaves more of the machine to what is measured. Else autocannon, which always is. */
export const loadGenerator: Promise<'wrk' | 'autocannon'> = findOnPath('wrk').then((path) =>
  path ? 'wrk' : 'autocannon',
)

/** Puts load on a server, from another process. */
export async function load(what: Load): Promise<LoadResult> {
  return (await loadGenerator) === 'wrk' ? await wrk(what) : await autocannon(what)
}

async function wrk({ url, connections, seconds, bodies }: Load): Promise<LoadResult> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', scriptPath('load.lua'), url]
  const output = await runCommand('wrk', options, bodies === undefined ? {} : { BODIES: bodies })
  return JSON.parse(output.trim().split('\n').at(-1)!)
}

const autocannon = async ({ url, connections, seconds, bodies }: Load): Promise<LoadResult> =>
  await runProcess<LoadResult>('autocannon.ts', {
    URL: url,
    CONNECTIONS: String(connections),
    SECONDS: String(seconds),
    ...(bodies !== undefined && { BODIES: bodies }),
  })

async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program)
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}
