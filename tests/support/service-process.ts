import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { halt } from './world/process-family.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** The service as its users run it: a process of its own, everything embedded, data in `dataDir`. */
export class ServiceProcess {
  readonly url: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #dataDir: string
  readonly #main: string
  #process: ChildProcess | undefined
  /** What it wrote, for a test that fails. */
  output = ''
  /** Told when it ends without having been asked to. */
  onCrash: (error: Error) => void = () => {}

  /** @param main of another version of the program */
  constructor(dataDir: string, port: number, environment: Record<string, string> = {}, main = MAIN) {
    this.#main = main
    this.url = `http://127.0.0.1:${port}`
    this.#dataDir = dataDir
    this.#environment = {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ...environment,
    }
  }

  /** Starts it and waits until it says where it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#main], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    const listens = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        this.output += chunk
        if (this.output.includes('listens on')) resolve()
      })
      child.stderr.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
      child.once('exit', (code) => {
        const error = new Error(`the service ended with ${code}:\n${this.output}`)
        reject(error)
        if (this.#process !== child) return
        this.#process = undefined
        this.onCrash(error)
      })
    })
    await listens
  }

  /** It stands still once this returns, and keeps what it has open. */
  pause(): void {
    if (this.#process) halt(this.#process.pid!)
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends the process with `signal` and waits for it. @returns its exit code, null if the signal ended it */
  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null> {
    const child = this.#process!
    this.#process = undefined
    this.output = ''
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = await exited
    return code
  }

  /** Kills whatever of it still runs. */
  async destroy(): Promise<void> {
    if (this.#process) await this.end('SIGKILL')
    const postgres = await this.postgresPid()
    if (postgres === undefined) return
    process.kill(postgres, 'SIGKILL')
    // Its children notice within a moment, and write no more.
    await new Promise((resolve) => setTimeout(resolve, 500))
  }

  /** Process id of its PostgreSQL; undefined if none runs. */
  async postgresPid(): Promise<number | undefined> {
    const file = join(this.#dataDir, 'postgres', 'postmaster.pid')
    const text = await readFile(file, 'utf8').catch(() => '')
    return text === '' ? undefined : Number(text.split('\n')[0])
  }
}
