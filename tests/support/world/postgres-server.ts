/** A real PostgreSQL that is killed with all its processes, paused with all of them, and started again on its files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { binaries, identity, runBinary } from '../../../src/postgres/embedded-binaries.ts'
import { useEmbeddedServer } from '../../../src/postgres/embedded-server.ts'
import { copyRunning } from './copy-running.ts'
import { quietPort } from './ports.ts'
import { childrenOf, halt, isAlive, signal } from './process-family.ts'

const START_MS = 60_000
const LOOK_MS = 50

const settings = (port: number) =>
  [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'log_min_messages=warning',
    'fsync=on',
    'max_connections=200',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ')

export class PostgresServer {
  readonly url: string
  readonly #folder: string
  readonly #port: number
  #postmaster: number | undefined
  #starting: Promise<void> | undefined
  #closed = false
  readonly #killAtExit = () => this.#signalAll('SIGKILL')

  private constructor(url: string, folder: string) {
    this.url = url
    this.#folder = folder
    this.#port = Number(new URL(url).port)
    process.on('exit', this.#killAtExit)
  }

  /** Makes the files of a new server, and starts it. */
  static async create(folder: string): Promise<PostgresServer> {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'postgres-port'), String(await quietPort()))
    const maker = await useEmbeddedServer(folder)
    await maker.release()
    const server = new PostgresServer(maker.url, folder)
    await server.start()
    return server
  }

  /** Makes a replica of a server that runs, and starts it: it streams what the other writes. */
  static async replicaOf(primary: PostgresServer, folder: string): Promise<PostgresServer> {
    await copyRunning(primary.url, join(primary.#folder, 'postgres'), join(folder, 'postgres'))
    const url = new URL(primary.url)
    url.port = String(await quietPort())
    const replica = new PostgresServer(url.href, folder)
    await replica.start()
    return replica
  }

  /** Starts it on what it has on disk, and waits until it answers. */
  async start(): Promise<void> {
    if (this.#closed) return
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  /** SIGKILL for the first of its processes; the others notice within a moment, and end. */
  async kill(): Promise<void> {
    await this.#starting
    const children = this.#children()
    this.#signalPostmaster('SIGKILL')
    await this.#gone([...children, this.#postmaster!])
  }

  /** Asks it to end, connections or not. */
  async stop(): Promise<void> {
    await this.#starting
    const children = this.#children()
    this.#signalPostmaster('SIGINT')
    await this.#gone([...children, this.#postmaster!])
  }

  /** All its processes stand still: connections stay open, and nothing comes. */
  pause(): void {
    if (this.#postmaster === undefined) return
    // The first one first: once it stands still, it makes no more.
    halt(this.#postmaster)
    for (const pid of this.#children()) halt(pid)
  }

  resume(): void {
    this.#signalAll('SIGCONT')
  }

  /** One of its processes dies, which makes it cut all connections and recover from its log. */
  crash(): void {
    const newest = this.#children().at(-1)
    if (newest !== undefined) signal(newest, 'SIGKILL')
  }

  async close(): Promise<void> {
    this.#closed = true
    this.resume()
    await this.#starting?.catch(() => {})
    const children = this.#children()
    this.#signalAll('SIGKILL')
    if (this.#postmaster !== undefined) await this.#gone([...children, this.#postmaster])
    process.off('exit', this.#killAtExit)
  }

  async #start(): Promise<void> {
    const { pg_ctl } = await binaries()
    const args = ['start', '-w', '-s', '-D', 'postgres', '-l', 'postgres.log', '-o', settings(this.#port)]
    for (const end = Date.now() + START_MS; ; await sleep(200))
      try {
        await runBinary(pg_ctl, args, this.#folder, await identity())
        break
      } catch (error) {
        // Processes of the one that was killed may still be about.
        if (Date.now() > end) throw error
      }
    const [pid] = (await readFile(join(this.#folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
    this.#postmaster = Number(pid)
  }

  #children(): number[] {
    return this.#postmaster === undefined ? [] : childrenOf(this.#postmaster)
  }

  #signalPostmaster(name: NodeJS.Signals): void {
    if (this.#postmaster !== undefined) signal(this.#postmaster, name)
  }

  #signalAll(name: NodeJS.Signals): void {
    const children = this.#children()
    this.#signalPostmaster(name)
    for (const pid of children) signal(pid, name)
  }

  async #gone(pids: readonly number[]): Promise<void> {
    while (pids.some(isAlive)) await sleep(LOOK_MS)
  }
}
