import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { stylesheet } from './stylesheet.ts'

const folder = join(import.meta.dirname, '..', 'public')

/** A file under `/assets/`, as it is sent. */
export interface Asset {
  readonly content: Buffer
  readonly type: string
  /** Hash of the contents. */
  readonly version: string
  /** Address with the hash: it may be cached for ever. */
  readonly href: string
  /** For scripts: the browser runs nothing else. */
  readonly integrity: string
  /** Names of the scripts that this one imports, and what these import. */
  readonly imports: readonly string[]
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

const assets = new Map<string, Asset>()

/** A file of `public`, or the one stylesheet `style.css` made of `public/styles`; undefined if there is none. */
export const findAsset = (name: string): Asset | undefined => assets.get(name)

/** The same for our own pages. @throws if there is none */
export function asset(name: string): Asset {
  const found = assets.get(name)
  if (!found) throw new Error(`no such asset: ${name}`)
  return found
}

const digest = (algorithm: string, ...contents: readonly Buffer[]) =>
  contents.reduce((hash, content) => hash.update(content), createHash(algorithm))

const shortHash = (...contents: readonly Buffer[]) =>
  digest('sha256', ...contents)
    .digest('base64url')
    .slice(0, 10)

function add(name: string, content: Buffer, imports: readonly string[] = []): void {
  const version = shortHash(content)
  const type = types[extname(name)] ?? 'application/octet-stream'
  const integrity = `sha384-${digest('sha384', content).digest('base64')}`
  assets.set(name, { content, type, version, href: `/assets/${name}?v=${version}`, integrity, imports })
}

/** A script asks for those that it imports by their hashes, too: a change below changes everything above. */
function addScript(name: string): void {
  if (assets.has(name)) return
  const imports = new Set<string>()
  const source = readFileSync(join(folder, name), 'utf8')
  const linked = source.replace(/(\bfrom\s*')\.\/([\w-]+\.js)'/g, (_, before: string, other: string) => {
    addScript(other)
    for (const each of [other, ...asset(other).imports]) imports.add(each)
    return `${before}${asset(other).href}'`
  })
  add(name, Buffer.from(linked), [...imports])
}

add('style.css', Buffer.from(stylesheet(join(folder, 'styles'))))
for (const entry of readdirSync(folder, { withFileTypes: true }))
  if (entry.name.endsWith('.js')) addScript(entry.name)
  else if (entry.isFile()) add(entry.name, readFileSync(join(folder, entry.name)))

const codeOf = (directory: string): Buffer[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => readFileSync(file))

const makers = ['pages', 'views', 'words'].map((name) => join(import.meta.dirname, '..', name))

/** Changes whenever a page may look different at the same position: part of the pages' ETag. */
export const pagesVersion = shortHash(
  ...[...assets.values()].map(({ content }) => content),
  ...makers.flatMap(codeOf),
)
