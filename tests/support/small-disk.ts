/** A disk that can be full: a tmpfs of a few megabytes, which only the processes see that are started on it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Root mounts in a mount namespace of its own; anybody else in a user namespace too, where they may. */
const alone =
  process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-current-user', '--keep-caps', '--mount']

export class SmallDisk {
  /** Where it is, for what runs on it. */
  readonly path: string
  readonly #size: string

  private constructor(path: string, size: string) {
    this.path = path
    this.#size = size
  }

  /**
   * @param size as `mount` takes it: `100m`
   * @throws with what has to be allowed, where nobody may mount anything
   */
  static async create(size: string): Promise<SmallDisk> {
    const disk = new SmallDisk(await mkdtemp(join(tmpdir(), 'taxbudget-disk-')), size)
    const [program, ...args] = disk.command('true', [])
    await run(program!, args).catch((error: Error) => {
      throw new Error(
        `A tmpfs cannot be mounted here, which the tests of a full disk need: ${error.message}. Run them as root with ` +
          'CAP_SYS_ADMIN (docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined), or let users make ' +
          'namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0).',
      )
    })
    return disk
  }

  /** The command that runs a program with the disk mounted; the program takes its place, process id and all. */
  command(program: string, args: readonly string[]): string[] {
    const script = `mount -t tmpfs -o size=${this.#size},mode=755 none "$0" && exec "$@"`
    return ['unshare', ...alone, 'sh', '-c', script, this.path, program, ...args]
  }

  /** Writes until there is no room left, as a process sees it. */
  async fill({ pid }: ChildProcess): Promise<void> {
    const file = await open(join(this.#seenBy(pid!), 'filler'), 'a')
    try {
      for (const size of [1024 * 1024, 4096, 1])
        for (;;)
          try {
            const { bytesWritten } = await file.write(Buffer.alloc(size))
            if (bytesWritten < size) break
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
            break
          }
    } finally {
      await file.close()
    }
  }

  /** There is room again. */
  async empty({ pid }: ChildProcess): Promise<void> {
    await rm(join(this.#seenBy(pid!), 'filler'))
  }

  /** Starts a program that has the disk to itself; after what it writes come the names of what it leaves there. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const script = '"$@"; code=$?; ls -A "$0"; exit $code'
    const [command, ...rest] = this.command('sh', ['-c', script, this.path, program, ...args])
    return spawn(command!, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async remove(): Promise<void> {
    // What was mounted went with the processes.
    if ((await readdir(this.path)).length > 0) throw new Error(`${this.path} is not empty`)
    await rm(this.path, { recursive: true })
  }

  #seenBy(pid: number): string {
    return `/proc/${pid}/root${this.path}`
  }
}
