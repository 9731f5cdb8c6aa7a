import { RealServer } from './real-server.ts'
import { quietPort } from './world/ports.ts'

/** A Redis of one's own, on a free port. */
export class RedisServer extends RealServer {
  readonly url: string
  readonly #port: number
  readonly #settings: readonly string[]

  private constructor(port: number, folder: string, settings: readonly string[]) {
    super(folder)
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#settings = settings
  }

  /** @param settings of redis-server, as on its command line: `--maxmemory 1mb` */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await quietPort(), await RealServer.makeFolder('redis'), settings)
    await server.restart()
    return server
  }

  /** Starts it again after `kill`, and waits until it answers. It has what it saved, which is nothing unless set so. */
  async restart(): Promise<void> {
    const own = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    await this.run('redis-server', [...own, ...this.#settings], 'Ready to accept connections')
  }
}
