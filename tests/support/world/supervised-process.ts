/** A process that is killed, paused and started again, and that is started again too when it ends by itself. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../../project-files.ts'
import { cleanEnvironment } from '../clean-environment.ts'
import { halt, signal } from './process-family.ts'

export interface ProcessOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** It has started when it has written this. */
  readonly ready: RegExp
  /** It takes messages from its parent. */
  readonly messages?: boolean
  /** Removes what it has on disk; for when it is dead. */
  readonly empty?: () => Promise<void>
  /** Where its output is kept. */
  readonly logs: string
  /** Told when it ends by itself. */
  readonly onEnded: (ended: EndedByItself) => void
}

export interface EndedByItself {
  readonly name: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Or else it could not even start. */
  readonly wasReady: boolean
}

/** One life of the process, from its start to its end. */
interface Life {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  readonly ready: Promise<boolean>
  isReady: boolean
  /** Somebody has asked it to end. */
  asked: boolean
}

/** As a container engine would do it. */
const START_AGAIN_MS = 500
/** Whoever was asked to end has so long: more than the program itself allows. */
const END_MS = 40_000

/** Ended with the runner, whatever becomes of it. */
const living = new Set<number>()
process.on('exit', () => {
  for (const pid of living) signal(pid, 'SIGKILL')
})

export class SupervisedProcess {
  readonly name: string
  /** How often it has been started. */
  lives = 0
  readonly #options: ProcessOptions
  readonly #log: WriteStream
  #life: Life | undefined
  #wanted = false
  #closed = false
  #paused = false
  #runningSince: number | undefined

  constructor(options: ProcessOptions) {
    this.name = options.name
    this.#options = options
    this.#log = createWriteStream(join(options.logs, `${options.name}.log`))
  }

  /** Since when it has been there without a break, by `performance.now()`; undefined: it is not there. */
  get runningSince(): number | undefined {
    return this.#paused ? undefined : this.#runningSince
  }

  /** Starts it, and sees to it that it runs until it is killed. */
  start(): void {
    if (this.#closed) return
    this.#wanted = true
    if (!this.#life) this.#launch()
  }

  /** @throws if it does not start in time */
  async started(withinMs: number): Promise<void> {
    for (const end = performance.now() + withinMs; performance.now() < end; await sleep(20))
      if (this.#life && (await Promise.race([this.#life.ready, sleep(1000, false)]))) return
    throw new Error(`${this.name} has not started within ${withinMs / 1000} s`)
  }

  pause(): void {
    if (!this.#life) return
    halt(this.#life.child.pid!)
    this.#paused = true
  }

  resume(): void {
    this.#life?.child.kill('SIGCONT')
    if (this.#paused && this.#runningSince !== undefined) this.#runningSince = performance.now()
    this.#paused = false
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closed = true
    await this.kill()
  }

  /** Asks it to end. @returns whether it did so in time */
  async stop(): Promise<boolean> {
    const life = this.#life
    const late = new AbortController()
    const killing = sleep(END_MS, undefined, late).then(
      () => life && signal(life.child.pid!, 'SIGKILL'),
      () => false,
    )
    await this.#end('SIGTERM')
    late.abort()
    return !(await killing)
  }

  /** Removes what it has on disk, while it is dead; undefined: that would be the end of it. */
  get empty(): (() => Promise<void>) | undefined {
    return this.#options.empty
  }

  /** Tells it something. */
  send(message: string): void {
    if (this.#life?.child.connected) this.#life.child.send(message, () => {})
  }

  async #end(name: NodeJS.Signals): Promise<void> {
    this.#wanted = false
    const life = this.#life
    if (!life) return
    life.asked = true
    this.#note(name)
    signal(life.child.pid!, name)
    if (this.#paused) this.resume()
    await life.ended
  }

  #launch(): void {
    const { command, args, env, ready, messages } = this.#options
    const child = spawn(command, args, {
      cwd: root,
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe', ...(messages ? ['ipc' as const] : [])],
    })
    this.lives++
    this.#note(`started, process ${child.pid}`)
    if (child.pid !== undefined) living.add(child.pid)
    const ended = once(child, 'exit').catch((error: Error) => this.#note(error.message))
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const life: Life = {
      child,
      ended,
      ready: promise,
      isReady: false,
      asked: false,
    }
    const isReady = () => {
      life.isReady = true
      this.#runningSince = performance.now()
      resolve(true)
    }
    this.#life = life
    this.#watchOutput(child, ready, isReady)
    void ended.then(() => {
      resolve(false)
      this.#hasEnded(life)
    })
  }

  #watchOutput(child: ChildProcess, ready: RegExp, isReady: () => void): void {
    let output: string | undefined = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.#log.write(chunk)
        if (output === undefined) return
        output += chunk
        if (!ready.test(output)) return
        output = undefined
        isReady()
      })
  }

  #hasEnded(life: Life): void {
    const { pid, exitCode: code, signalCode } = life.child
    if (pid !== undefined) living.delete(pid)
    this.#note(`ended with ${code ?? signalCode}`)
    this.#life = undefined
    this.#runningSince = undefined
    this.#paused = false
    if (!life.asked)
      this.#options.onEnded({ name: this.name, code, signal: signalCode, wasReady: life.isReady })
    if (this.#wanted) setTimeout(() => this.#wanted && !this.#life && this.#launch(), START_AGAIN_MS)
  }

  #note(text: string): void {
    this.#log.write(`\n--- ${new Date().toISOString()} ${this.name} ${text}\n`)
  }
}
