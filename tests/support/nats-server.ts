import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RealServer } from './real-server.ts'
import { quietPort } from './world/ports.ts'

/** A NATS with JetStream of one's own, on a free port. */
export class NatsServer extends RealServer {
  readonly url: string
  readonly #port: number
  readonly #settings: readonly string[]

  private constructor(port: number, folder: string, settings: readonly string[]) {
    super(folder)
    this.url = `nats://127.0.0.1:${port}`
    this.#port = port
    this.#settings = settings
  }

  /** @param settings of nats-server, as on its command line: `--user somebody` */
  static async start(...settings: readonly string[]): Promise<NatsServer> {
    return await NatsServer.#startIn(await RealServer.makeFolder('nats'), settings)
  }

  /** One that has so much room on its disk for all streams together. @param room as NATS writes it: `100MB` */
  static async withRoomFor(room: string): Promise<NatsServer> {
    const folder = await RealServer.makeFolder('nats')
    const file = join(folder, 'nats.conf')
    await writeFile(file, `jetstream { max_file_store: ${room} }\n`)
    return await NatsServer.#startIn(folder, ['--config', file])
  }

  static async #startIn(folder: string, settings: readonly string[]): Promise<NatsServer> {
    const server = new NatsServer(await quietPort(), folder, settings)
    await server.restart()
    return server
  }

  /**
   * Starts it again after `kill`, on what it had on disk, and waits until it answers.
   * @param change what is other than it was at first
   */
  async restart(change: { settings?: readonly string[]; jetStream?: boolean } = {}): Promise<void> {
    const { settings = this.#settings, jetStream = true } = change
    const own = ['--port', String(this.#port), '--addr', '127.0.0.1', '--store_dir', this.folder]
    const all = [...own, ...(jetStream ? ['--jetstream'] : []), ...settings]
    await this.run('nats-server', all, 'Server is ready')
  }

  /** Forgets everything that it has kept; only while it is killed. */
  async empty(): Promise<void> {
    await rm(join(this.folder, 'jetstream'), { recursive: true, force: true })
  }
}
