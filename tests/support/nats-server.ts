import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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

  /** One that has so much room on its disk for all streams together. @param room as NATS writes it: `100MB` */
  static async withRoomFor(room: string): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-nats-'))
    const file = join(folder, 'nats.conf')
    await writeFile(file, `jetstream { max_file_store: ${room} }\n`)
    const server = new NatsServer(await freePort(), folder, ['--config', file])
    await server.restart()
    return server
  }

  /**
   * Starts it again after `kill`, on what it had on disk, and waits until it answers.
   * @param change what is other than it was at first
   */
  async restart(change: { settings?: readonly string[]; jetStream?: boolean } = {}): Promise<void> {
    const { settings = this.#settings, jetStream = true } = change
    const own = ['--port', String(this.#port), '--addr', '127.0.0.1', '--store_dir', this.#folder]
    const all = [...own, ...(jetStream ? ['--jetstream'] : []), ...settings]
    const child = spawn(findProgram('nats-server') ?? 'nats-server', all, {
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
