import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { root } from '../project-files.ts'

export interface OtherProgram {
  /** What starts a process of it. */
  readonly main: string
  /** Runs `taxbudget migrate`. */
  readonly migrate: (environment: Readonly<Record<string, string>>) => Promise<Ran>
  readonly remove: () => Promise<void>
}

interface Ran {
  readonly code: number | null
  readonly output: string
}

/**
 * A later version of this program: a copy, with migrations of its own.
 * @param migrations SQL by the names of files, numbered from the one after ours
 */
export async function laterProgram(
  version: string,
  migrations: Readonly<Record<string, string>>,
): Promise<OtherProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-later-'))
  await mkdir(join(folder, 'infra'))
  for (const path of ['src', 'polls', join('infra', 'migrations')])
    await cp(join(root, path), join(folder, path), { recursive: true })
  for (const [name, sql] of Object.entries(migrations))
    await writeFile(join(folder, 'infra', 'migrations', name), sql)
  const about = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as object
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...about, version }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    main: join(folder, 'src', 'main.ts'),
    migrate: (environment) => run([join(folder, 'src', 'cli', 'main.ts'), 'migrate'], environment),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ran> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, output: out + err }
}
