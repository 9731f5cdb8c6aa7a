import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../infra/programs.ts'
import { freePort } from './service-process.ts'

/** A NATS with JetStream of one's own, on a free port, with its data in a temporary folder. */
export class NatsServer {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, settings: readonly string[]) {
    this.url = `nats://127.0.0.1:${port}`
    this.#port = port
    this.#folder = folder
    this.#settings = settings
  }

  /** @param settings of nats-server, as on its command line: `--user somebody` */
  static async start(...settings: readonly string[]): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-nats-'))
    const server = new NatsServer(await freePort(), folder, settings)
    await server.restart()
    return server
  }

  /** Starts it again after `kill`, on what it had on disk, and waits until it answers. */
  async restart(): Promise<void> {
    const own = [
      '--port',
      String(this.#port),
      '--addr',
      '127.0.0.1',
      '--jetstream',
      '--store_dir',
      this.#folder,
    ]
    const child = spawn(findProgram('nats-server') ?? 'nats-server', [...own, ...this.#settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    let output = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk
        if (output.includes('Server is ready')) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${output}`)))
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

  /** Forgets everything that it has kept; only while it is killed. */
  async empty(): Promise<void> {
    await rm(join(this.#folder, 'jetstream'), { recursive: true, force: true })
  }

  /** Ends it, and removes its data. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
