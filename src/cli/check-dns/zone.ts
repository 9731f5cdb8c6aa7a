/** Who answers for a domain: found by asking, from its own name up to its zone. */
import type { Resolver } from 'node:dns/promises'
import {
  type Answer,
  ask,
  codeOf,
  inWords,
  isAbsence,
  type Patience,
  plain,
  resolverOf,
  serverAt,
} from './lookup.ts'

export interface Zone {
  readonly name: string
  /** Host names of its name servers, sorted. */
  readonly hosts: readonly string[]
}

/** What one name server says, by each name that was asked for. */
export interface NameserverReport {
  readonly host: string
  /** Undefined: its own name leads nowhere. */
  readonly address: string | undefined
  /** The zone's serial number there; undefined: it does not say. */
  readonly serial: number | undefined
  readonly answers: Readonly<Record<string, Answer>>
}

/**
 * The closest zone above a name, or the name itself.
 * @throws with a sentence if none is found, or the resolver does not know
 */
export async function findZone(resolver: Resolver, name: string): Promise<Zone> {
  for (let zone = name; zone.includes('.'); zone = zone.slice(zone.indexOf('.') + 1)) {
    const hosts = await nameserversOf(resolver, zone)
    if (hosts.length > 0) return { name: zone, hosts }
  }
  throw new Error(
    `${name} belongs to no zone that has name servers. Is the domain registered, and do its name servers stand at the registrar?`,
  )
}

async function nameserversOf(resolver: Resolver, zone: string): Promise<string[]> {
  // Asked for a name that is another's, a resolver answers for that other one.
  if ((await listOf(zone, resolver.resolveCname(zone))).length > 0) return []
  return (await listOf(zone, resolver.resolveNs(zone))).map(plain).sort()
}

async function listOf(zone: string, answer: Promise<string[]>): Promise<string[]> {
  try {
    return await answer
  } catch (error) {
    if (isAbsence(codeOf(error))) return []
    throw new Error(
      `The name servers of ${zone} are not found: of the resolver, ${inWords(codeOf(error))}. Do they answer?`,
      { cause: error },
    )
  }
}

/** Asks every address of every name server of a zone for all of `names`. Never throws. */
export async function askNameservers(
  resolver: Resolver,
  { name: zone, hosts }: Zone,
  names: readonly string[],
  { port, ...patience }: Patience & { readonly port: number },
): Promise<NameserverReport[]> {
  const reports = hosts.map(async (host): Promise<NameserverReport[]> => {
    const found = await ask(resolver, host)
    if (found.state !== 'found' || found.records.a.length + found.records.aaaa.length === 0)
      return [{ host, address: undefined, serial: undefined, answers: {} }]
    const { a, aaaa } = found.records
    // A machine without IPv6 could not tell a silent server from its own silence.
    const addresses = a.length > 0 ? a : aaaa
    return await Promise.all(
      addresses.map(async (address) => {
        const server = resolverOf([serverAt(address, port)], patience)
        const [serial, answers] = await Promise.all([
          server.resolveSoa(zone).then(
            (soa) => soa.serial,
            () => undefined,
          ),
          Promise.all(names.map(async (name) => [name, await ask(server, name)] as const)),
        ])
        return { host, address, serial, answers: Object.fromEntries(answers) }
      }),
    )
  })
  return (await Promise.all(reports)).flat()
}
