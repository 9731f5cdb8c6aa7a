/** One look at everything between a domain and the service. */
import type { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type Answer, ask, type Patience, resolverOf } from './lookup.ts'
import { type Probe, probeHttp, probeHttps } from './probe.ts'
import { askNameservers, findZone, type NameserverReport } from './zone.ts'

export interface Plan extends Patience {
  /** The apex, and www before it, or the apex alone. */
  readonly names: readonly string[]
  /** `address:port` of resolvers, which ask on our behalf. */
  readonly resolvers: readonly string[]
  /** Addresses or host names that the names have to lead to; empty: to whatever answers as the service does. */
  readonly expected: readonly string[]
  readonly ports: { readonly nameservers: number; readonly http: number; readonly https: number }
  /** PEM of the authorities that are believed. */
  readonly authorities: readonly string[]
}

export interface NameReport {
  readonly name: string
  readonly public: Answer
  /** One for each public address. */
  readonly https: readonly Probe[]
  readonly http: readonly Probe[]
}

export interface Expectation {
  readonly names: readonly string[]
  /** Those that were given, and those that the names lead to now. */
  readonly addresses: readonly string[]
}

export interface Round {
  /** When it began, ISO 8601, UTC. */
  readonly at: string
  readonly names: readonly NameReport[]
  /** Undefined: none was found. */
  readonly zone: string | undefined
  /** Why no zone was found. */
  readonly zoneProblem: string | undefined
  readonly nameservers: readonly NameserverReport[]
  readonly expected: Expectation | undefined
}

/** Asks everybody. @throws when `plan.signal` aborts, and nothing else */
export async function lookAround(plan: Plan, now: Date): Promise<Round> {
  // Of this round alone: what listens to a signal is kept for as long as that is.
  const round = new AbortController()
  const abort = () => round.abort(plan.signal.reason)
  plan.signal.throwIfAborted()
  plan.signal.addEventListener('abort', abort, { once: true })
  try {
    return await lookOnce({ ...plan, signal: round.signal }, now)
  } finally {
    plan.signal.removeEventListener('abort', abort)
  }
}

async function lookOnce(plan: Plan, now: Date): Promise<Round> {
  const resolver = resolverOf(plan.resolvers, plan)
  const [names, authority, expected] = await Promise.all([
    Promise.all(plan.names.map((name) => reportOn(resolver, name, plan))),
    askAuthority(resolver, plan),
    resolveExpected(resolver, plan.expected),
  ])
  plan.signal.throwIfAborted()
  return { at: now.toISOString(), names, ...authority, expected }
}

async function reportOn(resolver: Resolver, name: string, plan: Plan): Promise<NameReport> {
  const found = await ask(resolver, name)
  const addresses = found.state === 'found' ? [...found.records.a, ...found.records.aaaa] : []
  const { ports, authorities, timeoutMs, signal } = plan
  const patience = { timeoutMs, signal }
  const [https, http] = await Promise.all([
    Promise.all(addresses.map((it) => probeHttps(name, it, { ...patience, port: ports.https, authorities }))),
    Promise.all(addresses.map((it) => probeHttp(name, it, { ...patience, port: ports.http }))),
  ])
  return { name, public: found, https, http }
}

async function askAuthority(
  resolver: Resolver,
  plan: Plan,
): Promise<Pick<Round, 'zone' | 'zoneProblem' | 'nameservers'>> {
  try {
    const zone = await findZone(resolver, plan.names[0]!)
    const patience = { timeoutMs: plan.timeoutMs, signal: plan.signal, port: plan.ports.nameservers }
    const nameservers = await askNameservers(resolver, zone, plan.names, patience)
    return { zone: zone.name, zoneProblem: undefined, nameservers }
  } catch (error) {
    plan.signal.throwIfAborted()
    return { zone: undefined, zoneProblem: (error as Error).message, nameservers: [] }
  }
}

async function resolveExpected(
  resolver: Resolver,
  expected: readonly string[],
): Promise<Expectation | undefined> {
  if (expected.length === 0) return undefined
  const names = expected.filter((each) => isIP(each) === 0)
  const answers = await Promise.all(names.map((name) => ask(resolver, name)))
  const led = answers.flatMap((it) => (it.state === 'found' ? [...it.records.a, ...it.records.aaaa] : []))
  return { names, addresses: [...new Set([...expected.filter((each) => isIP(each) > 0), ...led])] }
}
