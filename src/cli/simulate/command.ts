import { randomInt } from 'node:crypto'
import type { Config } from '../../config.ts'
import { type Call, command } from '../command.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { inOrder } from '../import/in-order.ts'
import { group, showProgress } from '../progress.ts'
import { Latencies } from './latencies.ts'
import { pace } from './pace.ts'
import { seededRandom } from './random.ts'
import { simulateAllocation } from './simulate-allocation.ts'
import { apiTarget, directTarget, type Target } from './target.ts'

/** At a fixed rate more may be under way, because turns come due whether or not the service keeps up. */
const WINDOW_AT_A_RATE = 1000

export const simulate = command({
  name: 'simulate',
  operands: ['POLL'],
  summary: 'Plausible random submissions, through the running service or straight into the log',
  options: {
    submissions: { type: 'string', value: 'N', required: true, help: 'how many' },
    rate: { type: 'string', value: 'R', help: 'a second; as fast as it goes if left out' },
    seed: { type: 'string', value: 'S', help: 'the same seed makes the same submissions, which count once' },
    direct: { type: 'boolean', help: 'writes into the log, no service needed' },
    url: {
      type: 'string',
      value: 'U',
      help: 'where the service runs; PUBLIC_URL or HOST and PORT if left out',
    },
  },
  details: 'They count like any others: use a poll of its own, or a database of its own.',
  run: async (call) => {
    const { values, operands, config, services, terminal, signal } = call
    const count = readNumber('submissions', values.submissions, /^[1-9]\d{0,8}$/)
    const rate = values.rate === undefined ? undefined : readNumber('rate', values.rate, /^\d{1,6}(\.\d+)?$/)
    if (values.direct && values.url !== undefined) throw new Misuse('Choose one of --direct and --url.')
    const seed = values.seed ?? String(randomInt(2 ** 32))
    const poll = operands[0]!
    const target = values.direct
      ? await directTarget(await services(), poll)
      : await apiTarget(readUrl(values.url) ?? serviceUrl(config), poll)
    const outcome = await submitAll(call, target, { count, rate, seed })
    if (signal.aborted)
      terminal.warn(
        `Stopped. To go on: the same command with --seed ${seed}; what is there already counts once.`,
      )
    terminal.print(values.json ? JSON.stringify({ poll, seed, ...outcome }) : describe(poll, seed, outcome))
    return signal.aborted ? FAILED : FINE
  },
})

interface Plan {
  readonly count: number
  readonly rate: number | undefined
  readonly seed: string
}

interface Outcome {
  readonly submitted: number
  readonly seconds: number
  readonly perSecond: number
  /** Milliseconds from when a submission was due to when it was durable. */
  readonly p50: number | null
  readonly p99: number | null
}

async function submitAll({ terminal, signal }: Call, target: Target, plan: Plan): Promise<Outcome> {
  const { count, rate, seed } = plan
  const latencies = new Latencies()
  const progress = showProgress('submissions', terminal.stderr)
  const started = performance.now()
  let submitted = 0
  const window = rate === undefined ? target.window : WINDOW_AT_A_RATE
  try {
    const turns = inOrder(pace(count, { rate, signal }), window, async ({ index, due }) => {
      const key = `simulate-${seed}-${index}`
      await target.submit(simulateAllocation(target.definition, seededRandom(key)), key)
      latencies.add(performance.now() - due)
      progress.update(++submitted / count, submitted)
    })
    for await (const _ of turns);
  } finally {
    progress.stop()
  }
  const seconds = (performance.now() - started) / 1000
  const perSecond = Math.round(submitted / seconds)
  return {
    submitted,
    seconds: Math.round(seconds * 100) / 100,
    perSecond,
    p50: latencies.percentile(50),
    p99: latencies.percentile(99),
  }
}

const describe = (poll: string, seed: string, { submitted, seconds, perSecond, p50, p99 }: Outcome): string =>
  `${poll}: ${group(submitted)} submitted in ${seconds} s, ${group(perSecond)}/s, latency p50 ${p50 ?? '–'} ms, p99 ${p99 ?? '–'} ms (seed ${seed})`

function readNumber(name: string, text: string, pattern: RegExp): number {
  const value = pattern.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new Misuse(`--${name} must be a number above 0, not "${text}".`)
}

function readUrl(text: string | undefined): string | undefined {
  if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new Misuse(`--url must look like http://127.0.0.1:3000, not "${text}".`)
  return text?.replace(/\/+$/, '')
}

function serviceUrl({ publicUrl, host, port }: Config): string {
  if (publicUrl) return publicUrl
  // Where a service listens on every address, this machine reaches it at its own.
  const reached = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
