/** A round as a person reads it. */
import type { Terminal } from '../terminal.ts'
import type { Answer } from './lookup.ts'
import type { Probe } from './probe.ts'
import type { NameReport, Round } from './round.ts'

type Style = Terminal['style']

/** Everything that was heard, and what is not well, in lines. */
export function describeRound(round: Round, problems: readonly string[], style: Style): string {
  return [
    style('bold', round.at),
    '  1 Public resolution',
    ...round.names.map(({ name, public: answer }) => `    ${name}  ${describeAnswer(answer)}`),
    `  2 Name servers of ${round.zone ?? 'the domain'}`,
    ...describeAuthority(round),
    '  3 HTTPS, and HTTP to HTTPS',
    ...round.names.flatMap(describeWeb),
    ...(problems.length === 0 ? [`  ${style('green', 'All is well.')}`] : ['  Not well:']),
    ...problems.map((problem) => `    ${style('yellow', problem)}`),
  ].join('\n')
}

function describeAnswer(answer: Answer): string {
  if (answer.state !== 'found') return answer.why
  const { gap, records } = answer
  const { a, aaaa, cname } = records
  return [
    ...(cname === undefined ? [] : [`CNAME ${cname}`]),
    ...a.map((address) => `A ${address}`),
    ...aaaa.map((address) => `AAAA ${address}`),
    ...(gap === undefined ? [] : [gap]),
  ].join(', ')
}

function describeAuthority({ zoneProblem, nameservers, names }: Round): string[] {
  if (zoneProblem !== undefined) return [`    ${zoneProblem}`]
  return nameservers.flatMap(({ host, address, serial, answers }) => [
    `    ${host} (${address ?? 'has no address'}${serial === undefined ? '' : `, serial ${serial}`})`,
    ...names.flatMap(({ name }) => {
      const answer = answers[name]
      return answer ? [`      ${name}  ${describeAnswer(answer)}`] : []
    }),
  ])
}

function describeWeb({ name, https, http }: NameReport): string[] {
  return https.length === 0
    ? [`    ${name}  has no address to ask`]
    : [
        ...https.map((probe) => `    https://${name} at ${probe.address}  ${describeHttps(probe)}`),
        ...http.map((probe) => `    http://${name} at ${probe.address}  ${outcome(probe)}`),
      ]
}

function describeHttps(probe: Probe): string {
  const { certificate, distrust, isService } = probe
  return [
    `${outcome(probe)}${isService ? ' (the service)' : ''}`,
    ...(certificate
      ? [
          `certificate of ${certificate.names.join(', ')} by ${certificate.issuer || 'nobody named'}, ${certificate.daysLeft} days left`,
        ]
      : []),
    ...(distrust ? [distrust] : []),
  ].join('; ')
}

const outcome = ({ status, location, error }: Probe): string =>
  error ?? `${status}${location ? ` to ${location}` : ''}`
