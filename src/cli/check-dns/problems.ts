/** What of a round is not well, each in a sentence that says what to change. Pure. */
import type { Answer, Records } from './lookup.ts'
import type { Probe } from './probe.ts'
import type { Expectation, NameReport, Round } from './round.ts'
import type { NameserverReport } from './zone.ts'

/** A certificate is renewed weeks ahead: with less left, that has failed. */
const MIN_DAYS = 7
const REDIRECTS = [301, 302, 307, 308]

/** Empty: all is well. */
export function problemsOf(round: Round): string[] {
  const problems = [
    ...round.names.flatMap(({ name, public: answer }) => ofPublic(name, answer, round.expected)),
    ...ofAuthority(round),
    ...round.names.flatMap((report) => ofHttps(report, round)),
    ...ofService(round),
  ]
  return [...new Set(problems)]
}

function ofPublic(name: string, answer: Answer, expected: Expectation | undefined): string[] {
  if (answer.state !== 'found') return [`${name} does not resolve: ${answer.why}.`]
  const { records } = answer
  if (records.a.length + records.aaaa.length === 0)
    return [`${name} is another name of ${records.cname}, which has no address.`]
  return [
    ...(answer.gap === undefined ? [] : [`${name} resolves in part alone: ${answer.gap}.`]),
    ...(isExpected(records, expected)
      ? []
      : [`${name} leads to ${described(records)}, not to ${described(expected!)}.`]),
  ]
}

/** Either the very name is there, or every address is one of those that are meant. */
function isExpected({ a, aaaa, cname }: Records, expected: Expectation | undefined): boolean {
  if (!expected) return true
  if (cname !== undefined && expected.names.includes(cname)) return true
  const addresses = [...a, ...aaaa]
  return addresses.length > 0 && addresses.every((each) => expected.addresses.includes(each))
}

function described(it: Records | Expectation): string {
  if ('names' in it) return [...new Set([...it.names, ...it.addresses])].join(' or ')
  return [...(it.cname === undefined ? [] : [it.cname]), ...it.a, ...it.aaaa].join(', ')
}

function ofAuthority({ zoneProblem, nameservers, names, expected }: Round): string[] {
  if (zoneProblem !== undefined) return [zoneProblem]
  return names.flatMap(({ name, public: seen }) => {
    const silent = nameservers.flatMap((each) => silence(each, name))
    return [...silent, ...ofRecords(name, seen, nameservers, expected)]
  })
}

function silence({ host, address, answers }: NameserverReport, name: string): string[] {
  if (address === undefined) return [`Name server ${host} has no address.`]
  const answer = answers[name]!
  const why = answer.state === 'failed' ? answer.why : answer.state === 'found' ? answer.gap : undefined
  return why === undefined ? [] : [`Name server ${host} (${address}) on ${name}: ${why}.`]
}

/** Whether the name servers hold the name, agree on it, and the public sees the same. */
function ofRecords(
  name: string,
  seen: Answer,
  nameservers: readonly NameserverReport[],
  expected: Expectation | undefined,
): string[] {
  const said = nameservers.flatMap(({ host, answers }) => {
    const answer = answers[name]
    return answer === undefined || answer.state === 'failed' ? [] : [{ host, answer }]
  })
  if (said.length === 0) return []
  const without = said.filter(({ answer }) => answer.state === 'missing')
  if (without.length === said.length)
    return [`The zone has no record for ${name}: add it where the domain's records are kept.`]
  const kept = said.flatMap(({ host, answer }) =>
    answer.state === 'found' ? [{ host, records: answer.records }] : [],
  )
  const wrong = kept.filter(({ records }) => !authorityIsExpected(records, expected))
  // Where each may say another part of what is expected, saying so is agreement.
  const sets = new Set(kept.map(({ records }) => described(records)))
  const disagree = without.length > 0 || (sets.size > 1 && (!expected || wrong.length > 0))
  return [
    ...(disagree ? [`The name servers disagree on ${name}: ${opinions(said)}.`] : []),
    ...(wrong.length === 0 || disagree
      ? []
      : [
          `The zone's record of ${name} is ${described(wrong[0]!.records)}, not ${described(expected!)}: change it.`,
        ]),
    ...(disagree || wrong.length > 0 ? [] : stale(name, seen, kept[0]!.records, expected)),
  ]
}

/** A name server need not know the addresses of another zone's name. */
const authorityIsExpected = (records: Records, expected: Expectation | undefined): boolean =>
  isExpected(records, expected) ||
  (records.a.length + records.aaaa.length === 0 && expected!.names.length === 0)

const opinions = (said: readonly { readonly host: string; readonly answer: Answer }[]): string =>
  said
    .map(
      ({ host, answer }) =>
        `${host} says ${answer.state === 'found' ? described(answer.records) : 'there is none'}`,
    )
    .join('; ')

/** Resolvers keep what they have heard for as long as the record allows. */
function stale(name: string, seen: Answer, kept: Records, expected: Expectation | undefined): string[] {
  if (seen.state !== 'found')
    return [`The zone has ${name}, and the public does not see it yet: it may have to wait.`]
  const { records } = seen
  const same =
    kept.cname !== undefined || records.cname !== undefined
      ? kept.cname === records.cname
      : described(kept) === described(records)
  if (same || (expected && isExpected(records, expected))) return []
  return [
    `The public still sees ${described(records)} for ${name} where the zone has ${described(kept)}: it may have to wait.`,
  ]
}

function ofHttps({ name, https, http }: NameReport, { names }: Round): string[] {
  const own = names.map((each) => each.name)
  const unknown = https.length > 0 && https.every(({ unreachable }) => unreachable)
  return [
    ...(unknown
      ? [
          `${name} has no address that this machine reaches, so nothing is known of its HTTPS: ask from one that does.`,
        ]
      : []),
    ...https.flatMap((probe) => ofProbe(`https://${name}`, probe)),
    ...http.flatMap((probe) => ofRedirect(`http://${name}`, probe, own)),
  ]
}

const at = (url: string, { address }: Probe) => `${url} at ${address}`

function ofProbe(url: string, probe: Probe): string[] {
  if (probe.unreachable) return []
  const { certificate, distrust, error, status } = probe
  return [
    ...(distrust ? [`${at(url, probe)}: ${distrust}.`] : []),
    ...(!distrust && certificate && certificate.daysLeft < MIN_DAYS
      ? [
          `${at(url, probe)}: its certificate ends in ${certificate.daysLeft} days: it should have been renewed.`,
        ]
      : []),
    ...(error ? [`${at(url, probe)}: ${error}.`] : []),
    ...(status !== undefined && status >= 400 ? [`${at(url, probe)}: it answers ${status}.`] : []),
  ]
}

function ofRedirect(url: string, probe: Probe, own: readonly string[]): string[] {
  if (probe.unreachable) return []
  if (probe.error) return [`${at(url, probe)}: ${probe.error}.`]
  const target = probe.location === undefined ? null : URL.parse(probe.location)
  if (!REDIRECTS.includes(probe.status!) || target === null)
    return [`${at(url, probe)} answers ${probe.status} and does not redirect to HTTPS.`]
  return target.protocol === 'https:' && own.includes(target.hostname)
    ? []
    : [`${at(url, probe)} redirects to ${probe.location}, not to HTTPS of ${own.join(' or ')}.`]
}

/** Each address is the service's, or sends people on to the other name; and not both names send away. */
function ofService({ names }: Round): string[] {
  const own = names.map(({ name }) => name)
  const answering = names.flatMap(({ name, https }) =>
    https
      .filter(({ status, unreachable }) => status !== undefined && status < 400 && !unreachable)
      .map((probe) => ({ name, probe })),
  )
  const strangers = answering.filter(({ name, probe }) => !probe.isService && !leadsOn(probe, name, own))
  const somebody = answering.some(({ probe }) => probe.isService)
  return [
    ...strangers.map(
      ({ name, probe }) =>
        `${at(`https://${name}`, probe)} is another service: /livez does not answer as ours does.`,
    ),
    ...(answering.length > 0 && strangers.length === 0 && !somebody
      ? [`${own.join(' and ')} send people to each other, and none of them is the service.`]
      : []),
  ]
}

function leadsOn({ status = 0, location = '' }: Probe, name: string, own: readonly string[]): boolean {
  const target = URL.parse(location)
  return (
    REDIRECTS.includes(status) &&
    target?.protocol === 'https:' &&
    target.hostname !== name &&
    own.includes(target.hostname)
  )
}
