import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../infra/programs.ts'
import { freePort } from './service-process.ts'

/** A Redis of one's own, on a free port, with its data in a temporary folder. */
export class RedisServer {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, settings: readonly string[]) {
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#folder = folder
    this.#settings = settings
  }

  /** @param settings of redis-server, as on its command line: `--maxmemory 1mb` */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-redis-'))
    const server = new RedisServer(await freePort(), folder, settings)
    await server.restart()
    return server
  }

  /** Starts it again after `kill`, and waits until it answers. It has what it saved, which is nothing unless set so. */
  async restart(): Promise<void> {
    const own = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    const child = spawn(findProgram('redis-server') ?? 'redis-server', [...own, ...this.#settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    let output = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk
        if (output.includes('Ready to accept connections')) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${output}`)))
    })
  }

  /** It keeps its connections, and says nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (!child) return
    this.#process = undefined
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Ends it, and removes its data. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
