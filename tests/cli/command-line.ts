import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCommandLine, type Surroundings } from '../../src/cli/run.ts'
import { openServices } from '../../src/cli/services.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

/** Starts the command line as a person would, without a terminal. */
export const startCli = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
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

/** A stream that remembers what is written into it. */
class Remembered extends Writable {
  readonly chunks: Buffer[] = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }
}

/** Runs the command line in this process, which takes a fraction of the time. There is nobody to ask. */
export async function runHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  changes: Partial<Surroundings> = {},
): Promise<Ran> {
  const [stdout, stderr] = [new Remembered(), new Remembered()]
  const code = await runCommandLine(args, {
    terminal: {
      print: (text) => stdout.write(`${text}\n`),
      say: (text) => stderr.write(`${text}\n`),
      warn: (text) => stderr.write(`${text}\n`),
      stderr: stderr as unknown as NodeJS.WriteStream,
      stdout,
      style: (_, text) => text,
      ask: async () => undefined,
    },
    environment,
    signal: new AbortController().signal,
    version: '0',
    openServices,
    ...changes,
  })
  return { code, stdout: stdout.text, stderr: stderr.text }
}
