import { getServers } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { getCACertificates } from 'node:tls'
import { type Call, command } from '../command.ts'
import { readDuration } from '../duration.ts'
import { type ExitCode, FAILED, FINE } from '../exit-codes.ts'
import { problemsOf } from './problems.ts'
import { readAuthorities, readDomain, readExpected, readPort, readResolver } from './read-options.ts'
import { describeRound } from './report.ts'
import { lookAround, type Plan, type Round } from './round.ts'

const options = {
  interval: { type: 'string', value: 'TIME', help: 'between two rounds, 30s or 1h say; 5m if left out' },
  once: { type: 'boolean', help: 'one round, whatever comes of it' },
  expect: {
    type: 'string',
    value: 'LIST',
    help: 'addresses or host names that the domain has to lead to, with commas between',
  },
  'apex-only': { type: 'boolean', help: 'leaves out www' },
  timeout: { type: 'string', value: 'TIME', help: 'how long to wait for one server; 10s if left out' },
  resolver: {
    type: 'string',
    value: 'ADDRESS[:PORT]',
    help: 'who resolves for the public; the resolvers of this machine if left out',
  },
  'dns-port': { type: 'string', value: 'PORT', help: 'where name servers listen; 53 if left out' },
  'http-port': { type: 'string', value: 'PORT', help: '80 if left out' },
  'https-port': { type: 'string', value: 'PORT', help: '443 if left out' },
  ca: { type: 'string', value: 'FILE', help: 'PEM of authorities to believe beside the known ones' },
} as const

export const checkDns = command({
  name: 'check-dns',
  operands: ['DOMAIN'],
  summary: 'Watches a domain until it leads to the service: resolvers, name servers, certificates',
  options,
  details: [
    'Each round asks the public resolver, every name server of the domain (found by asking), and every address by HTTPS and',
    'HTTP, for the domain and for www. It ends with 0 when all is well; with --once, or at Ctrl-C before that, with 1.',
    'Without --expect the right address is the one where the service answers /livez. An apex whose name servers answer with',
    'changing addresses (ALIAS, flattened CNAME) needs --expect: then each answer has to lie within what is expected.',
  ].join('\n'),
  run: async (call) => {
    const intervalMs = readDuration('interval', call.values.interval ?? '5m')
    return await watch(call, await planOf(call), { intervalMs, once: call.values.once })
  },
})

interface Rounds {
  readonly intervalMs: number
  readonly once: boolean
}

async function watch(call: Call, plan: Plan, { intervalMs, once }: Rounds): Promise<ExitCode> {
  const { terminal, signal, values } = call
  const started = performance.now()
  let rounds = 0
  let problems: readonly string[] | undefined
  try {
    while (problems?.length !== 0) {
      if (problems) {
        if (once) break
        terminal.say(`The next round is at ${new Date(Date.now() + intervalMs).toISOString()}; Ctrl-C ends.`)
        await sleep(intervalMs, undefined, { signal })
      }
      const round = await lookAround(plan, new Date())
      problems = problemsOf(round)
      rounds++
      terminal.print(values.json ? asJson(round, problems) : describeRound(round, problems, terminal.style))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  const summary = {
    rounds,
    seconds,
    well: problems?.length === 0,
    stopped: signal.aborted,
    problems: problems ?? [],
  }
  if (values.json) terminal.print(JSON.stringify({ summary }))
  else terminal.say(summarise(plan.names.join(' and '), summary))
  return summary.well ? FINE : FAILED
}

const asJson = (round: Round, problems: readonly string[]): string =>
  JSON.stringify({ ...round, well: problems.length === 0, problems })

interface Summary {
  readonly rounds: number
  readonly seconds: number
  readonly well: boolean
  readonly stopped: boolean
  readonly problems: readonly string[]
}

function summarise(names: string, { rounds, seconds, well, stopped, problems }: Summary): string {
  const after = `after ${rounds} ${rounds === 1 ? 'round' : 'rounds'} and ${seconds} s`
  if (well) return `All is well with ${names}, ${after}.`
  const begin = stopped ? 'Stopped' : 'Not all is well'
  return [
    `${begin} ${after}; ${rounds === 0 ? 'nothing is known yet.' : 'last seen:'}`,
    ...problems.map((it) => `  ${it}`),
  ].join('\n')
}

async function planOf({ operands, values, signal }: Call<typeof options>): Promise<Plan> {
  const apex = readDomain(operands[0]!)
  const extra = values.ca === undefined ? [] : readAuthorities(values.ca, await readFile(values.ca, 'utf8'))
  return {
    names: values['apex-only'] ? [apex] : [apex, `www.${apex}`],
    resolvers: values.resolver === undefined ? getServers() : [readResolver(values.resolver)],
    expected: values.expect === undefined ? [] : values.expect.split(',').map(readExpected),
    ports: {
      nameservers: readPort('dns-port', values['dns-port'], 53),
      http: readPort('http-port', values['http-port'], 80),
      https: readPort('https-port', values['https-port'], 443),
    },
    authorities: [...getCACertificates('default'), ...extra],
    timeoutMs: readDuration('timeout', values.timeout ?? '10s'),
    signal,
  }
}
