import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const root = join(import.meta.dirname, '..')

export interface ProjectFile {
  /** From the project's root, with slashes. */
  readonly path: string
  readonly source: string
  /** Without comments; strings may lose what looks like one. */
  readonly code: string
}

/** Every file below a folder of the project. */
export function filesBelow(folder: string, extension = ''): ProjectFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      const source = readFileSync(file, 'utf8')
      const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
      return { path: relative(root, file).split(sep).join('/'), source, code }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What a file imports from the project, each from the project's root. */
export const importsOf = ({ path, code }: ProjectFile): string[] =>
  [...code.matchAll(/(?:from|import|import\()\s*'(\.[^']*)'/g)].map(([, target]) =>
    join(path, '..', target!).split(sep).join('/'),
  )
