import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folder of everything under `/assets/`. */
export const assetsDirectory = join(import.meta.dirname, '..', 'public')

const digest = (...contents: readonly Buffer[]): string => {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content)
  return hash.digest('base64url').slice(0, 10)
}

const contentsOf = (directory: string): [string, Buffer][] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file, readFileSync(file)])

const assets = contentsOf(assetsDirectory)
const views = contentsOf(join(import.meta.dirname, '..', 'views'))
const versions = new Map(assets.map(([file, content]) => [file, digest(content)]))

/** Changes whenever a page may look different at the same position: part of the pages' ETag. */
export const pagesVersion = digest(...[...assets, ...views].map(([, content]) => content))

/** Address of a file in `public`, with its contents' hash: it may be cached for ever. */
export function asset(name: string): string {
  const version = versions.get(join(assetsDirectory, name))
  if (version === undefined) throw new Error(`no such asset: ${name}`)
  return `/assets/${name}?v=${version}`
}
