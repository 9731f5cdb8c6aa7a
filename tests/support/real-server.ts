import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../infra/programs.ts'
import { halt } from './world/process-family.ts'

/** A server from the system's packages, with its data in a temporary folder: it can be killed, paused and restarted. */
export abstract class RealServer {
  protected readonly folder: string
  #process: ChildProcess | undefined

  protected constructor(folder: string) {
    this.folder = folder
  }

  protected static makeFolder(name: string): Promise<string> {
    return mkdtemp(join(tmpdir(), `taxbudget-${name}-`))
  }

  /** Starts the program and waits until it has written `ready` to one of its outputs. */
  protected async run(program: string, args: readonly string[], ready: string): Promise<void> {
    const child = spawn(findProgram(program) ?? program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    let output = ''
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk
        if (output.includes(ready)) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)))
    })
  }

  /** It keeps its connections, and says nothing any more once this returns: every thread of it has stopped. */
  pause(): void {
    if (this.#process) halt(this.#process.pid!)
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

  /** Ends it, and removes its data. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}
