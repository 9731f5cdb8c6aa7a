import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { eventually } from '../support/eventually.ts'

export interface EmbeddedUser {
  /** What it has said so far. */
  readonly said: readonly string[]
  /** Connection string, once it has one. */
  url(): Promise<string>
  /** Lets go of the server, and ends. */
  leave(): Promise<void>
  kill(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, 'embedded-user.ts')

/** Starts a process that uses the embedded server of this folder. */
export function startUser(dataDir: string): EmbeddedUser {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said: string[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => said.push(line))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    said,
    url: () =>
      eventually(() => {
        const line = said.find((it) => it.startsWith('url '))
        if (!line) throw new Error(`no server yet: ${said.join()}`)
        return line.slice(4)
      }, 40_000),
    leave: async () => {
      child.stdin!.end()
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The process id of the server that runs on a folder, as it writes it down itself. */
export async function postmaster(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Whether the server answers. */
export async function ask(url: string, statement = 'select 1 as answer'): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(statement)).rows?.[0]?.answer
  } finally {
    await client.end().catch(() => {})
  }
}
