/** Processes that a benchmark starts. Each is ended by its own id; none outlives the run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cleanEnvironment } from '../tests/support/clean-environment.ts'

/** After this time a process that was asked to end is killed. */
const GRACE_MS = 20_000

export const repository = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'processes')

export interface Running {
  readonly pid: number
  /** What the pattern's first group found in the output. */
  readonly said: string
  /** Waits until it has written something else, too. @throws if it ends before */
  says(pattern: RegExp): Promise<string>
  stop(): Promise<void>
}

export interface Start {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** It is ready when it has written this to its standard output. */
  readonly ready: RegExp
}

/** Starts a process that goes on until it is stopped. @throws if it ends before it is ready */
export async function start({ command, args, env, ready }: Start): Promise<Running> {
  const child = spawn(command, args, {
    cwd: repository,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = () => end(child)
  try {
    const says = listenTo(child)
    return { pid: child.pid!, said: await says(ready), says, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Runs one of `bench/processes` to its end. @returns the JSON that it wrote */
export async function runProcess<Result>(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<Result> {
  return JSON.parse(await runCommand(process.execPath, [join(folder, script)], env))
}

/** Runs a program to its end. @returns what it wrote. @throws if it fails */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: repository,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  try {
    const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')])
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
    return output
  } finally {
    running.delete(child)
  }
}

export const scriptPath = (script: string): string => join(folder, script)

const running = new Set<ChildProcess>()

/** For a run that is broken off. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(end))
}

/** Remembers what a process writes, for whoever waits for something in it. */
function listenTo(child: ChildProcess): (pattern: RegExp) => Promise<string> {
  running.add(child)
  child.once('exit', () => running.delete(child))
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  return (pattern) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output)
        if (found) resolve(found[1] ?? '')
      }
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)))
      child.stdout!.on('data', look)
      look()
    })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await exited
  clearTimeout(killing)
}
