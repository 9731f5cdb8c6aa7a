import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../project-files.ts'

/** One line of the Dockerfile: `COPY`, and what stands behind it. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

export const instructions: readonly Instruction[] = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.split(' ')[0]!, text: line.replace(/^\S+\s+/, '') }))

export const textsOf = (name: string): string[] =>
  instructions.filter((each) => each.name === name).map(({ text }) => text)

/** `ENV` of the image. */
export const imageEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  textsOf('ENV').flatMap((text) => text.split(/\s+/).map((pair) => pair.split('='))),
)

/** The form of .dockerignore that is used here: everything is out, but for what a line lets in. */
const lines = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

export function entersImage(path: string): boolean {
  if (lines[0] !== '*' || lines.slice(1).some((line) => !/^![\w./-]+$/.test(line)))
    throw new Error('.dockerignore has lines of another form')
  return lines.slice(1).some((line) => path === line.slice(1) || path.startsWith(`${line.slice(1)}/`))
}

/** The project's files as git knows them, new ones included. */
export const projectFiles = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '')
