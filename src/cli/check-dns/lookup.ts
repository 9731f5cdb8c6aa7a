/** What one name server, or the public resolver, says of a name. */
import { Resolver } from 'node:dns/promises'
import { isIPv6 } from 'node:net'

/** Sorted, in lower case. */
export interface Records {
  readonly a: readonly string[]
  readonly aaaa: readonly string[]
  /** What the name is another name of; undefined: nothing. */
  readonly cname: string | undefined
}

export type Answer =
  | {
      readonly state: 'found'
      readonly records: Records
      /** What it fails to say beside them, in words; undefined: nothing. */
      readonly gap?: string
    }
  | { readonly state: 'missing'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string }

/** How long to wait for one server, and what breaks it off. */
export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const TRIES = 2

/** A resolver that asks nobody but `servers`, `address:port` each. */
export function resolverOf(servers: readonly string[], { timeoutMs, signal }: Patience): Resolver {
  signal.throwIfAborted()
  // It waits for each try by itself.
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / TRIES), tries: TRIES })
  resolver.setServers(servers)
  signal.addEventListener('abort', () => resolver.cancel(), { once: true })
  return resolver
}

/** `address:port`, as a resolver takes it. */
export const serverAt = (address: string, port: number): string =>
  isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`

/** Addresses of a name, and its CNAME. Never throws. */
export async function ask(resolver: Resolver, name: string): Promise<Answer> {
  const [a, aaaa, cname] = await Promise.all([
    valuesOf(resolver.resolve4(name)),
    valuesOf(resolver.resolve6(name)),
    valuesOf(resolver.resolveCname(name)),
  ])
  const asked = [a, aaaa, cname]
  const failure = asked.find(({ code }) => code !== undefined && !isAbsence(code))
  const records = { a: a.values, aaaa: aaaa.values, cname: cname.values[0] }
  if (failure) {
    const why = inWords(failure.code!)
    if (a.values.length + aaaa.values.length === 0) return { state: 'failed', why }
    return { state: 'found', records, gap: `asked for its ${TYPES[asked.indexOf(failure)]}, ${why}` }
  }
  if (asked.every(({ values }) => values.length === 0))
    return {
      state: 'missing',
      why: asked.some(({ code }) => code === 'ENOTFOUND')
        ? 'there is no such name'
        : 'the name has no address',
    }
  return { state: 'found', records }
}

const TYPES = ['A', 'AAAA', 'CNAME']

interface Asked {
  readonly values: readonly string[]
  readonly code?: string
}

async function valuesOf(answer: Promise<string[]>): Promise<Asked> {
  try {
    return { values: [...new Set((await answer).map(plain))].sort() }
  } catch (error) {
    return { values: [], code: codeOf(error) }
  }
}

/** Without the dot at the end, in lower case. */
export const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '')

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** The server knows, and there is nothing. */
export const isAbsence = (code: string): boolean => code === 'ENODATA' || code === 'ENOTFOUND'

const WORDS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'it does not answer',
  ECONNREFUSED: 'nobody listens there',
  EREFUSED: 'it refuses: it does not know the zone (REFUSED)',
  ESERVFAIL: 'it fails to find out (SERVFAIL)',
  EFORMERR: 'it does not understand the question (FORMERR)',
  ENOTIMP: 'it does not know how to answer (NOTIMP)',
  EBADRESP: 'it answers what is no DNS',
  ECANCELLED: 'not waited for',
}

/** A resolver's error code as a person reads it. */
export const inWords = (code: string): string => WORDS[code] ?? code
