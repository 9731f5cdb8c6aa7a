import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../project-files.ts'
import { RealServer } from './real-server.ts'
import { quietPort } from './world/ports.ts'

const PLACES = ['3000', '3001', '3002']

interface NginxOptions {
  /** With the files of the cache, too. */
  readonly cached?: boolean
  readonly change?: (settings: string) => string
}

const settingsIn = (file: string): string => readFileSync(join(root, 'infra', 'nginx', file), 'utf8')

/** An nginx with the settings of infra/nginx, on a free port, in front of three places. */
export class NginxServer extends RealServer {
  readonly url: string
  readonly #port: number
  readonly #options: NginxOptions

  private constructor(port: number, folder: string, options: NginxOptions) {
    super(folder)
    this.#port = port
    this.#options = options
    this.url = `http://127.0.0.1:${port}`
  }

  /**
   * @param ports of the three places
   * @param options what is other than in the file
   */
  static async start(
    ports: readonly [number, number, number],
    options: NginxOptions = {},
  ): Promise<NginxServer> {
    const { change = (settings: string) => settings } = options
    const server = new NginxServer(await quietPort(), await RealServer.makeFolder('nginx'), options)
    const file = join(server.folder, 'nginx.conf')
    await writeFile(file, change(server.#settings(ports)))
    const args = ['-p', server.folder, '-c', file, '-e', 'stderr']
    // What it says last, after it has begun to listen.
    await server.run('nginx', args, 'getrlimit')
    return server
  }

  /** Nothing is kept any more: what is asked for next is asked of the program. */
  async emptyCache(): Promise<void> {
    await rm(join(this.folder, 'taxbudget'), { recursive: true, force: true })
    await mkdir(join(this.folder, 'taxbudget'))
  }

  /** Ours in a frame that keeps everything in the folder. One process, so that a killed one leaves none behind. */
  #settings(ports: readonly number[]): string {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    return `
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      daemon off;
      master_process off;
      pid ${join(this.folder, 'nginx.pid')};
      error_log stderr notice;
      events { worker_connections 8192; }
      http {
        access_log off;
        ${temporary.map((name) => `${name}_temp_path ${join(this.folder, name)};`).join('\n')}
        ${this.#options.cached ? this.#cache() : ''}
        ${this.#ours(ports)}
      }`
  }

  #cache = (): string => settingsIn('cache.conf').replace('/var/cache/nginx', this.folder)

  #ours(ports: readonly number[]): string {
    const text = settingsIn('taxbudget.conf')
    const places = [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port)
    if (places.join() !== PLACES.join())
      throw new Error(`infra/nginx/taxbudget.conf has the places ${places}`)
    return text
      .replace(/127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${ports[PLACES.indexOf(port)]}`)
      .replace('listen 80;', `listen 127.0.0.1:${this.#port};`)
      .replace('listen [::]:80;', '')
      .replace(/include .*;/, () => (this.#options.cached ? settingsIn('cache-locations.conf') : ''))
  }
}
