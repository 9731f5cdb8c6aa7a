import { networkInterfaces } from 'node:os'
import { parseArgs } from 'node:util'
import { type Kind, kinds } from './targets.ts'

export const HELP = `npm run loadtest -- [options]

  --url URL        the service; without it one is started for this, embedded, in a temporary folder
  --rate N         arrivals a second, whether or not earlier ones have been answered (50)
  --mix LIST       shares of the arrivals (home=20,submission=10,results=50,individual=20)
  --seconds S      how long (30)
  --warm-up S      for so long before that the same goes on and is not measured (3)
  --poll SLUG      which poll (us-federal): what is submitted stays in it
  --seed S         the same seed gives the same arrivals and submissions (random, and told)
  --out FILE       where the outcome is kept as JSON (DATA_DIR/loadtest.json)
  --elsewhere      lets URL be on another machine
  --json           JSON instead of the table

Times are counted from when a request was due, so that waiting for one that came before is in them. Exit code 0 if every
target is met at the 95th percentile, nothing failed, and everything that was acknowledged is counted in the end; else 1.
`

export interface LoadOptions {
  /** Without a trailing slash; undefined: a service of our own. */
  readonly url: string | undefined
  /** Arrivals a second. */
  readonly rate: number
  /** Shares of the arrivals; they need not add up to anything. */
  readonly mix: Readonly<Record<Kind, number>>
  readonly seconds: number
  readonly warmUp: number
  readonly poll: string
  readonly seed: string
  readonly out: string | undefined
  readonly json: boolean
}

/** The options are not what they must be: told with the help. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}

/** @returns undefined if somebody asks for help @throws {Misuse} */
export function readOptions(args: readonly string[], randomSeed: string): LoadOptions | undefined {
  const given = parse(args)
  if (given.help) return undefined
  const url = given.url?.replace(/\/+$/, '')
  if (url !== undefined && !given.elsewhere) mustBeHere(url)
  return {
    url,
    rate: number('--rate', given.rate, 0.1, 100_000),
    mix: readMix(given.mix),
    seconds: number('--seconds', given.seconds, 0.5, 86_400),
    warmUp: number('--warm-up', given['warm-up'], 0, 3600),
    poll: given.poll,
    seed: given.seed ?? randomSeed,
    out: given.out,
    json: given.json,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        rate: { type: 'string', default: '50' },
        mix: { type: 'string', default: 'home=20,submission=10,results=50,individual=20' },
        seconds: { type: 'string', default: '30' },
        'warm-up': { type: 'string', default: '3' },
        poll: { type: 'string', default: 'us-federal' },
        seed: { type: 'string' },
        out: { type: 'string' },
        elsewhere: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Misuse((error as Error).message)
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new Misuse(`${name} must be a number from ${least} to ${most}, not ${text}.`)
  return value
}

function readMix(text: string): Record<Kind, number> {
  const mix: Record<Kind, number> = { home: 0, submission: 0, results: 0, individual: 0 }
  for (const part of text.split(',')) {
    const [, name, share] = /^([a-z]+)=(\d+(?:\.\d+)?)$/.exec(part.trim()) ?? []
    if (!kinds.some((kind) => kind === name))
      throw new Misuse(`--mix must be shares of ${kinds.join(', ')}: home=20,results=80. "${part}" is none.`)
    mix[name as Kind] = Number(share)
  }
  if (Object.values(mix).every((share) => share === 0)) throw new Misuse('--mix has nothing in it.')
  return mix
}

/** Whoever puts load on somebody else's machine must say that they mean it. */
function mustBeHere(url: string): void {
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '')
  if (host === undefined || !/^https?:/.test(url))
    throw new Misuse(`--url must look like http://127.0.0.1:3000, not ${url}.`)
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
  const isHere = host === 'localhost' || host === '::1' || /^127\./.test(host) || own.includes(host)
  if (!isHere)
    throw new Misuse(`${host} is not this machine: with --elsewhere load is put on another one, too.`)
}
