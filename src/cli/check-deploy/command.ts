import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, command } from '../command.ts'
import { readDuration } from '../duration.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { AppPlatform } from './api.ts'
import { type Deployment, outcomeOf } from './deployment.ts'
import { describeReport, isLive, newsOf, reportOf } from './report.ts'

const API = 'https://api.digitalocean.com'

const options = {
  app: { type: 'string', value: 'ID|NAME', required: true, help: 'which app, by its id or its name' },
  follow: { type: 'boolean', help: 'until the newest deployment is active, or has failed' },
  interval: { type: 'string', value: 'TIME', help: 'between two questions while following; 5s if left out' },
  api: { type: 'string', value: 'URL', help: `where the API is; ${API} if left out` },
} as const

export const checkDeploy = command({
  name: 'check-deploy',
  operands: [],
  summary: "What is deployed on DigitalOcean's App Platform: phase, since when, which commit",
  options,
  details: [
    'DIGITALOCEAN_TOKEN has to be set, to a token that may read apps.',
    'It ends with 0 if the newest deployment is active, and with 1 if it is under way, has failed, or there is none.',
  ].join('\n'),
  run: async (call) => {
    const { values, terminal, signal } = call
    const intervalMs = readDuration('interval', values.interval ?? '5s')
    const platform = open(call)
    const { id } = await platform.app(values.app)
    let newest = await platform.newest(id)
    if (values.follow && newest) newest = await follow(call, { platform, app: id, newest, intervalMs })
    if (signal.aborted) terminal.say('Stopped. The deployment goes on without being watched.')
    else {
      // Asked for again: what is served now may be another one than before.
      const report = reportOf(await platform.app(id), newest)
      terminal.print(values.json ? JSON.stringify(report) : describeReport(report, terminal.style))
    }
    return isLive(newest) && !signal.aborted ? FINE : FAILED
  },
})

interface Following {
  readonly platform: AppPlatform
  readonly app: string
  readonly newest: Deployment
  readonly intervalMs: number
}

/** Tells what happens until there is nothing left to wait for. @returns what is newest then */
async function follow(
  { terminal, signal }: Call,
  { platform, app, newest, intervalMs }: Following,
): Promise<Deployment> {
  const told = new Map<string, string>()
  let current = newest
  try {
    for (;;) {
      for (const line of newsOf(current, told)) terminal.say(line)
      const outcome = outcomeOf(current)
      if (outcome === 'active' || outcome === 'failed') return current
      if (outcome === 'under way') {
        await sleep(intervalMs, undefined, { signal })
        current = await platform.deployment(app, current.id)
        continue
      }
      const next = await platform.newest(app)
      // One that has been replaced by nothing else will not come back.
      if (!next || next.id === current.id) return current
      current = next
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

/** The token goes there: in the clear to this machine alone. */
function readUrl(text: string): string {
  const url = URL.parse(text)
  const isLocal =
    url?.hostname === 'localhost' || (isIP(url?.hostname ?? '') === 4 && url?.hostname.startsWith('127.'))
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) && url.username === '')
    return text.replace(/\/+$/, '')
  throw new Misuse(`--api must look like ${API}, or http://127.0.0.1:8080 on this machine, not "${text}".`)
}
