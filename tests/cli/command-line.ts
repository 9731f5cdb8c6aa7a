import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

/** Starts the command line as a person would, without a terminal. */
export const startCli = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Runs the command line to its end. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return await endOf(startCli(args, environment))
}

/** What a started command line says until its end. */
export async function endOf(child: ReturnType<typeof startCli>): Promise<Ran> {
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
