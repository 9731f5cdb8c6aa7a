/**
 * Real servers, and the service as processes of one role each, on free ports of this machine, with their data in a
 * folder. All of them can be killed, paused and started again.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../../infra/programs.ts'
import { quietPort } from './ports.ts'
import { PostgresServer } from './postgres-server.ts'
import { type EndedByItself, type ProcessOptions, SupervisedProcess } from './supervised-process.ts'

type Role = 'web' | 'relay' | 'projector'

export interface WorldOptions {
  /** For `data` and `logs`. */
  readonly folder: string
  readonly log: 'postgres' | 'eventstore'
  /** How many processes of each. */
  readonly roles: Readonly<Record<Role, number>>
  /** What every process of the program is started with, too. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told when a process ends that was not asked to. */
  readonly onEnded: (ended: EndedByItself) => void
}

/** A process of the program, and where it listens. */
export interface Member {
  readonly url: string
  readonly process: SupervisedProcess
}

const START_MS = 60_000
/** redis-server writes down every two seconds what has changed: killed, it comes back with what is a little old. */
const REDIS_SAVES = ['--save', '2', '1']

export interface Servers {
  readonly postgres: PostgresServer
  readonly redis: SupervisedProcess
  readonly nats: SupervisedProcess
  /** Two nodes in one process; undefined: PostgreSQL holds the log. */
  readonly eventStore: SupervisedProcess | undefined
}

export class World {
  readonly servers: Servers
  readonly members: Readonly<Record<Role, readonly Member[]>>
  /** What every process of the program is started with. */
  readonly environment: Readonly<Record<string, string>>
  readonly #processes: readonly SupervisedProcess[]

  private constructor(
    servers: Servers,
    members: Readonly<Record<Role, readonly Member[]>>,
    environment: Readonly<Record<string, string>>,
    processes: readonly SupervisedProcess[],
  ) {
    this.servers = servers
    this.members = members
    this.environment = environment
    this.#processes = processes
  }

  get webs(): readonly Member[] {
    return this.members.web
  }

  /** @param endings disposed of by the caller, whatever happens */
  static async start(options: WorldOptions, endings: AsyncDisposableStack): Promise<World> {
    const parts = new AsyncDisposableStack()
    let starting: Promise<World> | undefined
    // Who breaks it off half-way waits for what is starting, so that nothing starts afterwards.
    endings.defer(async () => {
      await starting?.catch(() => {})
      await parts.disposeAsync()
    })
    starting = World.#start(new Builder(options, parts), options)
    return await starting
  }

  static async #start(builder: Builder, { folder, settings }: WorldOptions): Promise<World> {
    const [servers, urls] = await builder.servers()
    const environment: Record<string, string> = {
      SESSION_SECRET: randomBytes(24).toString('hex'),
      OPERATOR_TOKEN: randomBytes(24).toString('hex'),
      DATA_DIR: join(folder, 'data'),
      HOST: '127.0.0.1',
      ...urls,
      ...settings,
    }
    const members = await builder.program(environment)
    return new World(servers, members, environment, builder.processes)
  }

  /** Everybody is there again, but for PostgreSQL, which its `start` waits for. */
  async started(): Promise<void> {
    for (const each of this.#processes) each.start()
    await Promise.all(this.#processes.map((each) => each.started(START_MS)))
  }
}

class Builder {
  readonly processes: SupervisedProcess[] = []
  readonly #options: WorldOptions
  readonly #endings: AsyncDisposableStack

  constructor(options: WorldOptions, endings: AsyncDisposableStack) {
    this.#options = options
    this.#endings = endings
  }

  /** @returns the servers, and the variables that lead to them */
  async servers(): Promise<[Servers, Record<string, string>]> {
    const postgres = await PostgresServer.create(await this.#folder('postgres'))
    this.#endings.defer(() => postgres.close())
    const [redis, REDIS_URL] = await this.#redis()
    const [nats, NATS_URL] = await this.#nats()
    const urls = { DATABASE_URL: postgres.url, REDIS_URL, NATS_URL }
    if (this.#options.log === 'postgres') return [{ postgres, redis, nats, eventStore: undefined }, urls]
    const [eventStore, EVENT_STORE_URL] = await this.#eventStore()
    return [
      { postgres, redis, nats, eventStore },
      { ...urls, EVENT_STORE_URL },
    ]
  }

  /** Starts every role as processes of its own. */
  async program(environment: Readonly<Record<string, string>>): Promise<World['members']> {
    const members: Record<Role, Member[]> = { web: [], relay: [], projector: [] }
    for (const role of ['web', 'relay', 'projector'] as const)
      for (let number = 1; number <= this.#options.roles[role]; number++)
        members[role].push(await this.#member(role, number, environment))
    const [first, ...others] = Object.values(members).flat()
    // The first one makes the schema and opens the poll.
    for (const together of [[first!], others]) {
      for (const { process } of together) process.start()
      await Promise.all(together.map(({ process }) => process.started(START_MS)))
    }
    return members
  }

  async #member(role: Role, number: number, environment: Readonly<Record<string, string>>): Promise<Member> {
    const port = await quietPort()
    const process = this.#process({
      name: `${role}-${number}`,
      command: globalThis.process.execPath,
      args: ['src/main.ts'],
      env: {
        LOG_LEVEL: role === 'web' ? 'warn' : 'info',
        ...environment,
        ROLES: role,
        PORT: String(port),
      },
      ready: /taxbudget .*listens on/,
    })
    return { url: `http://127.0.0.1:${port}`, process }
  }

  async #redis(): Promise<[SupervisedProcess, string]> {
    const [port, folder] = [await quietPort(), await this.#folder('redis')]
    const process = this.#process({
      name: 'redis',
      command: findProgram('redis-server') ?? 'redis-server',
      args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...REDIS_SAVES],
      ready: /Ready to accept connections/,
      empty: () => rm(join(folder, 'dump.rdb'), { force: true }),
    })
    return [await started(process), `redis://127.0.0.1:${port}`]
  }

  async #nats(): Promise<[SupervisedProcess, string]> {
    const [port, folder] = [await quietPort(), await this.#folder('nats')]
    const process = this.#process({
      name: 'nats',
      command: findProgram('nats-server') ?? 'nats-server',
      args: ['--port', String(port), '--addr', '127.0.0.1', '--jetstream', '--store_dir', folder],
      ready: /Server is ready/,
      empty: () => rm(join(folder, 'jetstream'), { recursive: true, force: true }),
    })
    return [await started(process), `nats://127.0.0.1:${port}`]
  }

  async #eventStore(): Promise<[SupervisedProcess, string]> {
    const [one, other] = [await quietPort(), await quietPort()]
    const process = this.#process({
      name: 'eventstore',
      command: globalThis.process.execPath,
      args: [
        'tests/support/world/event-store-process.ts',
        join(await this.#folder('eventstore'), 'journal'),
        String(one),
        String(other),
      ],
      ready: /listens on/,
      messages: true,
    })
    return [await started(process), `esdb://127.0.0.1:${one},127.0.0.1:${other}?tls=false`]
  }

  #process(options: Omit<ProcessOptions, 'logs' | 'onEnded'>): SupervisedProcess {
    const { folder, onEnded } = this.#options
    const process = new SupervisedProcess({ ...options, logs: join(folder, 'logs'), onEnded })
    this.#endings.defer(() => process.close())
    this.processes.push(process)
    return process
  }

  async #folder(name: string): Promise<string> {
    const folder = join(this.#options.folder, 'data', name)
    await mkdir(folder, { recursive: true })
    return folder
  }
}

async function started(process: SupervisedProcess): Promise<SupervisedProcess> {
  process.start()
  await process.started(START_MS)
  return process
}
