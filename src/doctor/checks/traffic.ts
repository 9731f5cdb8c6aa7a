import type { ProcessState } from '../../processes/process-state.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { fine, judged, milliseconds, number, percent, warning } from '../words.ts'

type List = () => Promise<readonly ProcessState[]>

/** What triggers a further web process, and what is an outage, milliseconds. */
const RESPONSE = { warnAt: 200, failAt: 2000 }
/** Of all answers. */
const ERRORS = { warnAt: 0.001, failAt: 0.05 }
/** Seconds. */
const AGE = { warnAt: 30, failAt: 600 }
/** Of looking for snapshots in vain. */
const MISSED = { warnAt: 0.1, failAt: 0.9 }
/** Fewer say nothing. */
const ENOUGH = 100

/** How those who ask are answered, as the web processes have counted in the last quarter of a minute. */
export const trafficCheck = (list: List): Check => ({
  name: 'response times',
  routine: 'always',
  look: async () => {
    const web = await webProcesses(list)
    return web.flatMap((each) => {
      const { p95Ms, requestsPerSecond = 0, errorsPerSecond = 0 } = each.figures
      return [
        responseResult(`response times: ${nameOf(each)}`, p95Ms, `${number(requestsPerSecond)} requests/s`),
        errorsResult(`errors: ${nameOf(each)}`, errorsPerSecond, requestsPerSecond, 'a second'),
      ]
    })
  },
})

/** The same since each web process was started. */
export const trafficSinceStartCheck = (list: List): Check => ({
  name: 'response times since the start',
  routine: 'daily',
  look: async () => {
    const web = await webProcesses(list)
    return web.flatMap((each) => {
      const { p95MsSinceStart, requests = 0, errors = 0 } = each.figures
      const since = `since ${each.startedAt.toISOString()}`
      return [
        responseResult(
          `response times since the start: ${nameOf(each)}`,
          p95MsSinceStart,
          `${number(requests)} requests ${since}`,
        ),
        errorsResult(`errors since the start: ${nameOf(each)}`, errors, requests, since),
      ]
    })
  },
})

/** Whether answers come from snapshots, and whether these are up to date. */
export const snapshotsCheck = (list: List): Check => ({
  name: 'snapshots',
  routine: 'always',
  look: async () => {
    const web = await webProcesses(list)
    if (web.length === 0) return [nobodyTells]
    return [...web.flatMap(ageResult), hitResult(web)]
  },
})

const nobodyTells = warning(
  { name: 'snapshots', expected: 'up to date', actual: 'not known: no web process is alive to tell' },
  'Start a process with ROLES=web.',
)

const nameOf = ({ host, url }: ProcessState): string => `${host} ${new URL(url).port}`

const webProcesses = async (list: List): Promise<ProcessState[]> =>
  (await list()).filter(({ alive, roles }) => alive && roles.includes('web'))

function responseResult(name: string, p95: number | undefined, of: string): CheckResult {
  const expected = `95 % within ${RESPONSE.warnAt} ms`
  if (p95 === undefined) return fine({ name, expected, actual: 'nobody has asked' })
  const told = { name, expected, actual: `within ${milliseconds(p95)}, of ${of}` }
  return judged(told, p95, RESPONSE, 'Start another web process, and see which route is slow in /metrics.')
}

function errorsResult(name: string, errors: number, requests: number, when: string): CheckResult {
  const share = requests > 0 ? errors / requests : 0
  const told = {
    name,
    expected: `under ${percent(ERRORS.warnAt)} answered 5xx`,
    actual: requests > 0 ? `${percent(share)}, ${number(errors)} ${when}` : 'nobody has asked',
  }
  return judged(told, share, ERRORS, 'The log of the process names each: look for level warn and error.')
}

function ageResult(process: ProcessState): CheckResult[] {
  const { snapshotAgeSeconds: age } = process.figures
  const told = {
    name: `snapshots: age, ${nameOf(process)}`,
    expected: `behind for less than ${AGE.warnAt} s`,
  }
  if (age === undefined)
    return [
      warning({ ...told, actual: 'not known: it cannot ask' }, 'See what is said of PostgreSQL and Redis.'),
    ]
  const actual = age === 0 ? 'up to date' : `behind the projection for ${Math.round(age)} s`
  return [
    judged(
      { ...told, actual },
      age,
      AGE,
      'The projector cannot write snapshots: see what is said of Redis, and its log.',
    ),
  ]
}

function hitResult(web: readonly ProcessState[]): CheckResult {
  const sum = (figure: string) => web.reduce((total, { figures }) => total + (figures[figure] ?? 0), 0)
  const [hits, lookUps] = [sum('snapshotHits'), sum('snapshotLookUps')]
  const told = { name: 'snapshots: hit rate', expected: `over ${percent(1 - MISSED.warnAt)}` }
  if (lookUps < ENOUGH) return fine({ ...told, actual: `${number(lookUps)} looked for: too few to tell` })
  const actual = `${percent(hits / lookUps)} of ${number(lookUps)}`
  return judged(
    { ...told, actual },
    1 - hits / lookUps,
    MISSED,
    'Answers come from the projection: Redis is away, was emptied, or is full.',
  )
}
