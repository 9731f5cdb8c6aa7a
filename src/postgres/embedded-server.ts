/**
 * A real PostgreSQL under the data folder, shared by every process that uses the folder: whoever comes first starts
 * it, whoever leaves last stops it, and who finds it dead starts it again. It outlives a process that is killed.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chown, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { binaries, identity, runBinary } from './embedded-binaries.ts'
import { endClient } from './end-client.ts'

const USER = 'taxbudget'
/** Advisory lock that every process holds, shared, for as long as it uses the server. */
const PRESENCE = '7461, 100'
const START_DEADLINE_MS = 30_000
const PORTS = { first: 20_000, last: 29_999 }
const LEAVE_DEADLINE_MS = 2000

export interface EmbeddedServer {
  /** Connection string of its database. It stays the same if the server is started again, unless `onMove` is told. */
  readonly url: string
  /** Stops the server if nobody else uses it. Close your own connections first. */
  release(): Promise<void>
}

export interface EmbeddedServerOptions {
  /** Told when the server was found dead and has been started again. */
  readonly onRestart?: () => void
  /** Told when it is dead and does not start; it is tried on. */
  readonly onDead?: (error: Error) => void
  /** Told when it runs again on another port, its own being somebody else's now: release it, and use it anew. */
  readonly onMove?: () => void
}

/**
 * Starts the server of this folder, or joins the one that runs.
 * @throws with a sentence on what stands in the way
 */
export async function useEmbeddedServer(
  dataDir: string,
  { onRestart, onDead, onMove }: EmbeddedServerOptions = {},
): Promise<EmbeddedServer> {
  const cluster = new Cluster(dataDir)
  await cluster.create()
  let presence = await cluster.join()
  const url = presence.url
  let released = false

  const watch = () => presence.client.once('end', () => released || void revive())
  const revive = async (): Promise<void> => {
    try {
      presence = await cluster.join()
    } catch (error) {
      onDead?.(error as Error)
      return released ? undefined : await revive()
    }
    if (released) return await presence.client.end()
    if (presence.url !== url) return onMove?.()
    watch()
    onRestart?.()
  }
  watch()

  const release = async () => {
    released = true
    await cluster.leave(presence.client)
  }
  return { url, release }
}

interface Presence {
  readonly client: pg.Client
  readonly url: string
}

class Cluster {
  readonly #dataDir: string
  readonly #folder: string
  readonly #passwordFile: string

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#folder = join(dataDir, 'postgres')
    this.#passwordFile = join(dataDir, 'postgres-password')
  }

  /** Makes the database files the first time; harmless when two do it at once. */
  async create(): Promise<void> {
    await mkdir(this.#dataDir, { recursive: true })
    if (await exists(join(this.#folder, 'PG_VERSION'))) return
    await this.#createPassword()
    const who = await identity()
    const draft = `${this.#folder}-${process.pid}`
    const passwordCopy = `${draft}-password`
    try {
      await mkdir(draft, { mode: 0o700 })
      await writeFile(passwordCopy, await readFile(this.#passwordFile), { mode: 0o600 })
      if (who) for (const path of [draft, passwordCopy]) await chown(path, who.uid, who.gid)
      const { initdb } = await binaries()
      const args = [`--pgdata=${draft}`, `--username=${USER}`, `--pwfile=${passwordCopy}`]
      args.push('--auth=scram-sha-256', '--locale=C', '--encoding=UTF8')
      await runBinary(initdb, args, this.#dataDir, who)
      await rename(draft, this.#folder).catch(ignore('ENOTEMPTY', 'EEXIST'))
    } finally {
      await rm(draft, { recursive: true, force: true })
      await rm(passwordCopy, { force: true })
    }
  }

  /** Written whole under another name first, so that a rival never reads half of it. */
  async #createPassword(): Promise<void> {
    const draft = `${this.#passwordFile}-${process.pid}`
    await writeFile(draft, randomBytes(24).toString('base64url'), { mode: 0o600 })
    await link(draft, this.#passwordFile).catch(ignore('EEXIST'))
    await rm(draft)
  }

  /** Connects to the server, starting it if need be, and holds the presence lock. */
  async join(): Promise<Presence> {
    const deadline = Date.now() + START_DEADLINE_MS
    for (;;) {
      try {
        return (await this.#connect()) ?? (await this.#start())
      } catch (error) {
        if (Date.now() > deadline) throw this.#explain(error as Error)
        await sleep(200)
      }
    }
  }

  /** Lets go; stops the server if nobody else holds the presence lock. */
  async leave(client: pg.Client): Promise<void> {
    try {
      await client.query(patiently(`select pg_advisory_unlock_shared(${PRESENCE})`))
      const { rows } = await client.query(patiently(`select pg_try_advisory_lock(${PRESENCE}) as last`))
      if (rows[0].last) await this.#stop()
    } catch {
      // The server is gone already: somebody else stopped it. Or it is silent, and cannot be asked to stop.
    } finally {
      await endClient(client)
    }
  }

  async #connect(): Promise<Presence | undefined> {
    const port = await this.#runningPort()
    if (port === undefined) return undefined
    const password = (await readFile(this.#passwordFile, 'utf8')).trim()
    const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true })
    // Without a listener an 'error' ends the process; the 'end' that follows is what matters.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(`select pg_advisory_lock_shared(${PRESENCE})`)
      return { client, url }
    } catch (error) {
      await client.end().catch(() => {})
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined
      throw error
    }
  }

  /**
   * Port of the server that runs on these files, as it writes it down itself: process id in line 1 of its pid file,
   * port in line 4. After a crash the file stays behind, and somebody else may listen on that port by now.
   */
  async #runningPort(): Promise<number | undefined> {
    const lines = await this.#pidFile()
    if (!isAlive(Number(lines?.[0]))) return undefined
    const port = Number(lines?.[3])
    return Number.isInteger(port) && port > 0 ? port : undefined
  }

  async #pidFile(): Promise<string[] | undefined> {
    const text = await readFile(join(this.#folder, 'postmaster.pid'), 'utf8').catch(() => undefined)
    return text?.split('\n')
  }

  async #start(): Promise<Presence> {
    const portFile = join(this.#dataDir, 'postgres-port')
    const lastPort = Number(await readFile(portFile, 'utf8').catch(() => '0'))
    // The same port as before where possible: processes that use the server find it again after a crash. It is tried
    // without a look whether it is free, for rivals who look at the same time would find each other there.
    const port = lastPort || (await pickPort())
    try {
      await this.#startOn(port)
      await writeFile(portFile, String(port))
    } catch (error) {
      // No server of ours has it: it is somebody else's now, and the next attempt takes another one.
      const ours = (await this.#pidFile()) !== undefined
      if (!ours) await mustBeFree(port).catch(() => rm(portFile, { force: true }))
      throw error
    }
    const presence = await this.#connect()
    if (!presence) throw new Error('the server stopped again at once')
    return presence
  }

  async #startOn(port: number): Promise<void> {
    const log = join(this.#dataDir, 'postgres.log')
    const who = await identity()
    await writeFile(log, '', { flag: 'a' })
    if (who) await chown(log, who.uid, who.gid)
    const settings = [...SETTINGS, `port=${port}`].map((setting) => `-c ${setting}`).join(' ')
    const { pg_ctl } = await binaries()
    // pg_ctl puts the server in a session of its own, so that Ctrl-C in our terminal does not reach it.
    // pg_ctl hands paths to a shell: relative ones have no characters of the data folder's name in them.
    const args = ['start', '-w', '-s', '-D', basename(this.#folder), '-l', basename(log), '-o', settings]
    await runBinary(pg_ctl, args, this.#dataDir, who)
  }

  async #stop(): Promise<void> {
    const { pg_ctl } = await binaries()
    const args = ['stop', '-w', '-s', '-m', 'fast', '-D', this.#folder]
    await runBinary(pg_ctl, args, this.#dataDir, await identity())
  }

  #explain(error: Error): Error {
    return new Error(
      `The embedded PostgreSQL under ${this.#dataDir} does not start (${error.message}). ` +
        `Its own words are in ${join(this.#dataDir, 'postgres.log')}; DATABASE_URL makes us use another server.`,
      { cause: error },
    )
  }
}

const patiently = (text: string) => ({ text, query_timeout: LEAVE_DEADLINE_MS }) as pg.QueryConfig

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_wal_size=2GB',
  'jit=off',
  'random_page_cost=1.1',
  'log_min_messages=warning',
]

/** Whether a process of that number exists, whosever it is. */
function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const ignore =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException) => {
    if (!codes.includes(error.code ?? '')) throw error
  }

/**
 * A port that is free, and not of those that the system gives to connections that go out (from 32768 on, or higher):
 * such a one could take it while the server is dead.
 */
async function pickPort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = randomInt(PORTS.first, PORTS.last + 1)
    const free = await mustBeFree(port).then(
      () => true,
      () => false,
    )
    if (free) return port
  }
  throw new Error(`no port between ${PORTS.first} and ${PORTS.last} is free`)
}

async function mustBeFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
