import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, command } from '../command.ts'
import { readDuration } from '../duration.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { AppPlatform } from './api.ts'
import { type Deployment, isOf, outcomeOf } from './deployment.ts'
import { describeReport, isLive, newsOf, reportOf } from './report.ts'

const API = 'https://api.digitalocean.com'

const options = {
  app: { type: 'string', value: 'ID|NAME', required: true, help: 'which app, by its id or its name' },
  follow: { type: 'boolean', help: 'until the newest deployment is active, or has failed' },
  commit: {
    type: 'string',
    value: 'HASH',
    help: 'has to be what is deployed; with --follow, its deployment is waited for',
  },
  interval: { type: 'string', value: 'TIME', help: 'between two questions while following; 5s if left out' },
  api: { type: 'string', value: 'URL', help: `where the API is; ${API} if left out` },
} as const

export const checkDeploy = command({
  name: 'check-deploy',
  operands: [],
  summary: "What is deployed on DigitalOcean's App Platform: phase, since when, which commit",
  options,
  details: [
    'Right after a push the newest deployment is still the one before: --follow --commit $(git rev-parse HEAD) waits.',
    'DIGITALOCEAN_TOKEN has to be set, to a token that may read apps.',
    'It ends with 0 if the newest deployment is active, and with 1 if it is under way, has failed, or there is none.',
  ].join('\n'),
  run: async (call) => {
    const { values, terminal, signal } = call
    const intervalMs = readDuration('interval', values.interval ?? '5s')
    const commit = values.commit === undefined ? undefined : readCommit(values.commit)
    const platform = open(call)
    const { id } = await platform.app(values.app)
    let newest = await platform.newest(id)
    if (values.follow && newest)
      newest = await follow(call, { platform, app: id, newest, commit, intervalMs })
    if (signal.aborted) terminal.say('Stopped. The deployment goes on without being watched.')
    else {
      // Asked for again: what is served now may be another one than before.
      const report = reportOf(await platform.app(id), newest)
      terminal.print(values.json ? JSON.stringify(report) : describeReport(report, terminal.style))
    }
    if (signal.aborted || !newest || !isLive(newest)) return FAILED
    if (isOf(newest, commit)) return FINE
    terminal.warn(`What is deployed is not commit ${commit}.`)
    return FAILED
  },
})

interface Following {
  readonly platform: AppPlatform
  readonly app: string
  readonly newest: Deployment
  /** Whose deployment is waited for; undefined: whichever is the newest. */
  readonly commit: string | undefined
  readonly intervalMs: number
}

/** Tells what happens until there is nothing left to wait for. @returns what is newest then */
async function follow(
  { terminal, signal }: Call,
  { platform, app, newest, commit, intervalMs }: Following,
): Promise<Deployment> {
  const told = new Map<string, string>()
  let [current, seen, waiting] = [newest, false, false]
  try {
    for (;;) {
      for (const line of newsOf(current, told)) terminal.say(line)
      const outcome = outcomeOf(current)
      // Once there was one of the commit, another may take its place: then that is what there is.
      seen ||= isOf(current, commit)
      if (seen && (outcome === 'active' || outcome === 'failed')) return current
      if (outcome === 'under way') {
        await sleep(intervalMs, undefined, { signal })
        current = await platform.deployment(app, current.id)
        continue
      }
      const next = await platform.newest(app)
      if (next && next.id !== current.id) {
        current = next
        continue
      }
      // One that has been replaced by nothing else will not come back.
      if (seen) return current
      if (!waiting) terminal.say(`Waiting for a deployment of commit ${commit}.`)
      waiting = true
      await sleep(intervalMs, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
    return current
  }
}

function open({ values, config, terminal, signal }: Call<typeof options>): AppPlatform {
  const token = config.digitalOceanToken
  if (token === undefined)
    throw new Misuse('DIGITALOCEAN_TOKEN is not set: it has to be a token that may read apps.')
  const onWaiting = (sentence: string) => terminal.warn(sentence)
  return new AppPlatform({ url: readUrl(values.api ?? API), token, signal, onWaiting })
}

/** @throws {Misuse} */
function readCommit(text: string): string {
  if (/^[0-9a-f]{7,40}$/i.test(text)) return text.toLowerCase()
  throw new Misuse(`--commit must be 7 to 40 hexadecimal digits, as git prints them, not "${text}".`)
}

/** The token goes there: in the clear to this machine alone. */
function readUrl(text: string): string {
  const url = URL.parse(text)
  const isLocal =
    url?.hostname === 'localhost' || (isIP(url?.hostname ?? '') === 4 && url?.hostname.startsWith('127.'))
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) && url.username === '')
    return text.replace(/\/+$/, '')
  throw new Misuse(`--api must look like ${API}, or http://127.0.0.1:8080 on this machine, not "${text}".`)
}
