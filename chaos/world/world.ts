/** The servers and processes of a run, on free ports of this machine, with their data in a temporary folder. */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../infra/programs.ts'
import { quietPort } from './ports.ts'
import { PostgresServer } from './postgres-server.ts'
import { type EndedByItself, SupervisedProcess } from './supervised-process.ts'
import { type HittableTarget, postgresTarget, processTarget } from './target.ts'

export interface WorldOptions {
  readonly folder: string
  readonly log: 'postgres' | 'eventstore'
  readonly onEnded: (ended: EndedByItself) => void
  readonly onDeaf: (name: string) => void
}

/** A web process, as its clients see it. */
export interface Web {
  readonly url: string
  readonly process: SupervisedProcess
}

const ROLES = { web: 2, relay: 2, projector: 2 } as const
const START_MS = 60_000
/** redis-server writes down every two seconds what has changed: killed, it comes back with what is a little old. */
const REDIS_SAVES = ['--save', '2', '1']

export class World {
  readonly webs: readonly Web[]
  readonly targets: readonly HittableTarget[]
  /** What every process of the program is started with. */
  readonly environment: Readonly<Record<string, string>>
  readonly #processes: readonly SupervisedProcess[]

  private constructor(
    webs: readonly Web[],
    targets: readonly HittableTarget[],
    environment: Readonly<Record<string, string>>,
    processes: readonly SupervisedProcess[],
  ) {
    this.webs = webs
    this.targets = targets
    this.environment = environment
    this.#processes = processes
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

  static async #start(builder: Builder, { folder }: WorldOptions): Promise<World> {
    const environment: Record<string, string> = {
      SESSION_SECRET: randomBytes(24).toString('hex'),
      OPERATOR_TOKEN: randomBytes(24).toString('hex'),
      DATA_DIR: join(folder, 'data'),
      HOST: '127.0.0.1',
      ...(await builder.servers()),
    }
    const webs = await builder.program(environment)
    return new World(webs, builder.targets, environment, builder.processes)
  }

  /** Everybody is there again. */
  async started(): Promise<void> {
    for (const each of this.#processes) each.start()
    await Promise.all(this.#processes.map((each) => each.started(START_MS)))
  }
}

class Builder {
  readonly targets: HittableTarget[] = []
  readonly processes: SupervisedProcess[] = []
  readonly #options: WorldOptions
  readonly #endings: AsyncDisposableStack

  constructor(options: WorldOptions, endings: AsyncDisposableStack) {
    this.#options = options
    this.#endings = endings
  }

  /** @returns the variables that lead to them */
  async servers(): Promise<Record<string, string>> {
    const postgres = await PostgresServer.create(await this.#folder('postgres'))
    this.#endings.defer(() => postgres.close())
    this.targets.push(postgresTarget(postgres))
    const others = [await this.#redis(), await this.#nats()]
    if (this.#options.log === 'eventstore') others.push(await this.#eventStore())
    return Object.assign({ DATABASE_URL: postgres.url }, ...others)
  }

  /** Starts every role as processes of its own. @returns those with pages */
  async program(environment: Readonly<Record<string, string>>): Promise<Web[]> {
    const webs: Web[] = []
    for (const [role, count] of Object.entries(ROLES))
      for (let number = 1; number <= count; number++) {
        const port = await quietPort()
        const process = this.#process({
          name: `${role}-${number}`,
          command: globalThis.process.execPath,
          args: ['src/main.ts'],
          env: {
            ...environment,
            ROLES: role,
            PORT: String(port),
            LOG_LEVEL: role === 'web' ? 'warn' : 'info',
          },
          ready: /taxbudget .*listens on/,
        })
        this.targets.push(processTarget(process, this.#options))
        if (role === 'web') webs.push({ url: `http://127.0.0.1:${port}`, process })
      }
    // The first one makes the schema and opens the poll.
    for (const each of this.processes) {
      each.start()
      await each.started(START_MS)
    }
    return webs
  }

  async #redis(): Promise<Record<string, string>> {
    const [port, folder] = [await quietPort(), await this.#folder('redis')]
    const process = this.#process({
      name: 'redis',
      command: findProgram('redis-server') ?? 'redis-server',
      args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...REDIS_SAVES],
      ready: /Ready to accept connections/,
    })
    const empty = () => rm(join(folder, 'dump.rdb'), { force: true })
    this.targets.push(processTarget(process, { ...this.#options, empty }))
    return { REDIS_URL: `redis://127.0.0.1:${port}` }
  }

  async #nats(): Promise<Record<string, string>> {
    const [port, folder] = [await quietPort(), await this.#folder('nats')]
    const process = this.#process({
      name: 'nats',
      command: findProgram('nats-server') ?? 'nats-server',
      args: ['--port', String(port), '--addr', '127.0.0.1', '--jetstream', '--store_dir', folder],
      ready: /Server is ready/,
    })
    const empty = () => rm(join(folder, 'jetstream'), { recursive: true, force: true })
    this.targets.push(processTarget(process, { ...this.#options, empty }))
    return { NATS_URL: `nats://127.0.0.1:${port}` }
  }

  async #eventStore(): Promise<Record<string, string>> {
    const [one, other] = [await quietPort(), await quietPort()]
    const process = this.#process({
      name: 'eventstore',
      command: globalThis.process.execPath,
      args: [
        'chaos/processes/event-store.ts',
        join(await this.#folder('eventstore'), 'journal'),
        String(one),
        String(other),
      ],
      ready: /listens on/,
      messages: true,
    })
    const messages = ['cut', 'elect', 'lose-answers', 'refuse'] as const
    this.targets.push(processTarget(process, { ...this.#options, messages }))
    return { EVENT_STORE_URL: `esdb://127.0.0.1:${one},127.0.0.1:${other}?tls=false` }
  }

  #process(options: Omit<ConstructorParameters<typeof SupervisedProcess>[0], 'logs' | 'onEnded'>) {
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
