import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiFailed, AppPlatform } from '../../src/cli/check-deploy/api.ts'
import { App, outcomeOf } from '../../src/cli/check-deploy/deployment.ts'
import { leavesOf } from '../../src/cli/check-deploy/leaves.ts'
import { APP_ID, send, TestAppPlatform, TOKEN } from '../support/app-platform.ts'
import { eventually } from '../support/eventually.ts'
import { quietPort } from '../support/world/ports.ts'
import { endOf, runHere, startCli } from './command-line.ts'

const OLD = { id: 'b6bdf840-2854-4f87-a36c-5f231c617c84', phase: 'ACTIVE', commit: '0d4f1a2' }
const NEW = { id: '3aa4d20e-5527-4c00-b496-601fbd22520a', commit: '9fceb02' }
const SET = { DIGITALOCEAN_TOKEN: TOKEN }

let platform: TestAppPlatform
beforeEach(async () => {
  platform = await TestAppPlatform.start()
  platform.deployments = [{ ...OLD }]
  platform.active = OLD.id
})
afterEach(() => platform.close())

const args = (...extra: string[]) => ['check-deploy', '--app', 'taxbudget', '--api', platform.url, ...extra]
const follow = (...extra: string[]) => runHere(args('--follow', '--interval', '10ms', ...extra), SET)

const STEPS = (migrate: string, web: string) => [
  {
    name: 'deploy',
    status: web,
    steps: [
      {
        name: 'components',
        steps: [
          {
            message_base: 'Running job',
            component_name: 'migrate',
            status: migrate,
            started_at: '2026-11-23T10:00:00Z',
            ...(migrate !== 'RUNNING' && { ended_at: '2026-11-23T10:00:07Z' }),
            ...(migrate === 'ERROR' && {
              reason: { code: 'DeployContainerExitNonZero', message: 'It ended with 1.' },
            }),
          },
          { message_base: 'Deploying service', component_name: 'web', status: web },
        ],
      },
    ],
  },
]

describe('what is deployed', () => {
  test('given an active deployment, then phase, time and commit are told, and the exit code is 0', async () => {
    const { code, stdout, stderr } = await runHere(args(), SET)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        `taxbudget (${APP_ID})  https://budget.example.org`,
        '  domain budget.example.org  ACTIVE',
        '  newest  ACTIVE since 2026-11-23T10:00:00Z, 1 of 6 steps',
        `    deployment ${OLD.id}, commit 0d4f1a2 (commit pushed to github/example/taxbudget)`,
        '',
      ].join('\n'),
    )
  })

  test('given --json, then the same as data', async () => {
    platform.deployments.unshift({ ...NEW, phase: 'DEPLOYING' })
    const { code, stdout } = await runHere(args('--json'), SET)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      app: { id: APP_ID, name: 'taxbudget', url: 'https://budget.example.org' },
      domains: [{ domain: 'budget.example.org', phase: 'ACTIVE' }],
      newest: { id: NEW.id, phase: 'DEPLOYING', since: '2026-11-23T10:00:00Z', commits: ['9fceb02'] },
      active: { id: OLD.id, phase: 'ACTIVE', commits: ['0d4f1a2'] },
    })
  })

  test('given a newest that failed, then the reason is told and what serves meanwhile, and the exit code is 1', async () => {
    platform.deployments.unshift({ ...NEW, phase: 'ERROR', steps: STEPS('ERROR', 'PENDING') })
    const { code, stdout } = await runHere(args(), SET)
    expect(code).toBe(1)
    expect(stdout).toContain('  newest  ERROR since')
    expect(stdout).toContain(
      '    failed: deploy › components › Running job migrate: DeployContainerExitNonZero: It ended with 1.\n',
    )
    expect(stdout).toContain('  serving  ACTIVE since')
  })

  test.each([
    'PENDING_BUILD',
    'BUILDING',
    'PENDING_DEPLOY',
    'DEPLOYING',
    'CANCELED',
    'ERROR',
    'SUPERSEDED',
    'NEW_WORD',
  ])('given a newest that is %s, then the exit code is 1', async (phase) => {
    platform.deployments.unshift({ ...NEW, phase })
    expect((await runHere(args(), SET)).code).toBe(1)
  })

  test('given --commit, then the exit code is 0 for what is deployed alone', async () => {
    const full = `${OLD.commit}${'0'.repeat(33)}`
    expect(await runHere(args('--commit', full), SET)).toMatchObject({ code: 0, stderr: '' })
    expect(await runHere(args('--commit', NEW.commit), SET)).toMatchObject({
      code: 1,
      stderr: 'What is deployed is not commit 9fceb02.\n',
    })
    const misused = await runHere(args('--commit', 'main'), SET)
    expect(misused).toMatchObject({ code: 2, stdout: '' })
    expect(misused.stderr).toContain(
      '--commit must be 7 to 40 hexadecimal digits, as git prints them, not "main".',
    )
  })

  test('given an app that was never deployed, then that is said', async () => {
    platform.deployments = []
    const { code, stdout } = await runHere(args('--follow'), SET)
    expect(code).toBe(1)
    expect(stdout).toContain('There has never been a deployment.')
  })

  test('given an id, or a name behind a hundred others, then the app is found', async () => {
    platform.others = Array.from({ length: 120 }, (_, n) => `other-${n}`)
    expect((await runHere(args(), SET)).code).toBe(0)
    const byId = ['check-deploy', '--app', APP_ID.toUpperCase(), '--api', platform.url]
    expect((await runHere(byId, SET)).code).toBe(0)
  })

  test('given a name that is not there, then the others are named', async () => {
    platform.others = ['blog']
    const { code, stderr } = await runHere(['check-deploy', '--app', 'taxes', '--api', platform.url], SET)
    expect(code).toBe(1)
    expect(stderr).toBe(
      'There is no app called "taxes" that this token may see. There are: blog, taxbudget.\n',
    )
  })
})

describe('--follow', () => {
  test('given a deployment under way, then its steps are told as they go, until it is active', async () => {
    const story = [
      { phase: 'BUILDING', steps: [] },
      { phase: 'DEPLOYING', steps: STEPS('RUNNING', 'PENDING') },
      { phase: 'DEPLOYING', steps: STEPS('SUCCESS', 'RUNNING') },
      { phase: 'ACTIVE', steps: STEPS('SUCCESS', 'SUCCESS') },
    ]
    platform.deployments.unshift({ ...NEW, phase: 'PENDING_BUILD' })
    platform.onLook = () => {
      const next = story.shift()
      if (next) platform.deployments[0] = { ...NEW, ...next }
      if (next?.phase === 'ACTIVE') platform.active = NEW.id
    }
    // The look that is under way still shows what was; the next one shows the change.
    const { code, stdout, stderr } = await follow()
    expect(stderr.trimEnd().split('\n')).toEqual([
      `PENDING_BUILD  deployment ${NEW.id}`,
      `BUILDING  deployment ${NEW.id}`,
      `DEPLOYING  deployment ${NEW.id}`,
      '  running  deploy › components › Running job migrate',
      '  success  deploy › components › Running job migrate (7 s)',
      '  running  deploy › components › Deploying service web',
      `ACTIVE  deployment ${NEW.id}`,
      '  success  deploy › components › Deploying service web',
    ])
    expect(code).toBe(0)
    expect(stdout).toContain(`  newest  ACTIVE since`)
    expect(stdout).toContain('commit 9fceb02')
  })

  test.each(['ERROR', 'CANCELED'])('given it becomes %s, then the exit code is 1', async (phase) => {
    platform.deployments.unshift({ ...NEW, phase: 'DEPLOYING' })
    platform.onLook = () => {
      platform.deployments[0] = { ...NEW, phase, steps: STEPS('ERROR', 'PENDING') }
    }
    const { code, stderr } = await follow()
    expect(code).toBe(1)
    expect(stderr).toContain(
      `${phase}  deployment ${NEW.id}\n  error  deploy › components › Running job migrate (7 s): `,
    )
  })

  test('given a newer one replaces it, then that one is followed', async () => {
    platform.deployments.unshift({ ...NEW, phase: 'BUILDING' })
    const newer = { id: '11111111-5527-4c00-b496-601fbd22520a', phase: 'ACTIVE', commit: 'abcdef0' }
    platform.onLook = (looked) => {
      looked.phase = 'SUPERSEDED'
      if (platform.deployments.length === 2) platform.deployments.unshift(newer)
    }
    const { code, stdout } = await follow('--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ newest: { id: newer.id, commits: ['abcdef0'] } })
  })

  test('given --commit right after a push, then the one before does not count: that commit’s is waited for', async () => {
    const running = follow('--commit', NEW.commit.toUpperCase())
    await eventually(() =>
      expect(platform.asked.filter((path) => path.includes('per_page=1')).length).toBeGreaterThan(2),
    )
    platform.deployments.unshift({ ...NEW, phase: 'BUILDING' })
    platform.onLook = (looked) => {
      looked.phase = 'ACTIVE'
      platform.active = NEW.id
    }
    const { code, stdout, stderr } = await running
    expect(code).toBe(0)
    expect(stdout).toContain('commit 9fceb02')
    expect(stderr.trimEnd().split('\n')).toEqual([
      `ACTIVE  deployment ${OLD.id}`,
      'Waiting for a deployment of commit 9fceb02.',
      `BUILDING  deployment ${NEW.id}`,
      `ACTIVE  deployment ${NEW.id}`,
    ])
  })

  test('given --commit, when its deployment is replaced by another’s, then it ends and says so', async () => {
    platform.deployments.unshift({ ...NEW, phase: 'BUILDING' })
    platform.onLook = (looked) => {
      looked.phase = 'SUPERSEDED'
      if (platform.deployments.length === 2)
        platform.deployments.unshift({ ...OLD, id: '11111111-5527-4c00-b496-601fbd22520a', phase: 'ACTIVE' })
    }
    const { code, stderr } = await follow('--commit', NEW.commit)
    expect(code).toBe(1)
    expect(stderr).toContain('What is deployed is not commit 9fceb02.\n')
  })

  test('given it is active already, then nothing is waited for', async () => {
    expect((await follow()).code).toBe(0)
    expect(platform.asked.filter((path) => path.includes(OLD.id))).toEqual([])
  })

  test('Ctrl-C ends it cleanly, with 1', async () => {
    platform.deployments.unshift({ ...NEW, phase: 'DEPLOYING' })
    const child = startCli(args('--follow', '--interval', '1h'), SET)
    const ended = endOf(child)
    child.stderr.once('data', () => child.kill('SIGINT'))
    const { code, stdout, stderr } = await ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('Stopped. The deployment goes on without being watched.')
  })
})

describe('when the API refuses', () => {
  const waited: string[] = []
  const open = (url = platform.url, token = TOKEN) =>
    new AppPlatform({
      url,
      token,
      signal: new AbortController().signal,
      onWaiting: (sentence) => waited.push(sentence),
      retryMs: 1,
    })
  const sentence = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => expect.unreachable('it answers'),
      (reason: Error) => reason,
    )
    expect(error).toBeInstanceOf(ApiFailed)
    expect(error.message + waited.join()).not.toContain(TOKEN)
    return error.message
  }
  beforeEach(() => {
    waited.length = 0
  })

  test('given 429 with Retry-After, then it waits for so long, says so, and goes on', async () => {
    platform.faults.push((_, response) =>
      send(response, 429, { id: 'too_many_requests' }, { 'retry-after': '1' }),
    )
    const began = performance.now()
    expect((await open().app('taxbudget')).id).toBe(APP_ID)
    expect(performance.now() - began).toBeGreaterThan(900)
    expect(waited).toEqual([`${platform.url} has been asked too often (429). Asking again in 1 s.`])
  })

  test('given 429 until a time, as a date or as RateLimit-Reset, then it waits until then', async () => {
    const soon = () => Math.floor(Date.now() / 1000) + 1
    platform.faults.push(
      (_, response) => send(response, 429, {}, { 'retry-after': new Date(soon() * 1000).toUTCString() }),
      (_, response) => send(response, 429, {}, { 'ratelimit-reset': String(soon()) }),
    )
    expect((await open().app('taxbudget')).id).toBe(APP_ID)
    expect(waited).toHaveLength(2)
  })

  test('given 429 for an hour, then it gives up and says for how long', async () => {
    platform.faults.push((_, response) => send(response, 429, {}, { 'retry-after': '3600' }))
    expect(await sentence(open().app('taxbudget'))).toBe(
      `${platform.url} has been asked too often (429). It asks to wait for 3600 s: too long for this.`,
    )
  })

  test.each([
    [401, 'DIGITALOCEAN_TOKEN is not accepted by'],
    [403, 'DIGITALOCEAN_TOKEN may not read apps at'],
    [404, 'is not there (404)'],
  ])('given %d, then it is told once, without the token', async (status, words) => {
    platform.faults.push((_, response) => send(response, status, { message: `no ${TOKEN} here` }))
    const told = await sentence(open().app(APP_ID))
    expect(told).toContain(words)
    expect(told).toContain('It says: no … here')
    expect(waited).toEqual([])
  })

  test('given 500 a few times, then it asks again; given it always, then it gives up', async () => {
    const broken = () =>
      platform.faults.push((_, response) => send(response, 500, { message: 'Server Error' }))
    for (let n = 0; n < 4; n++) broken()
    expect((await open().app(APP_ID)).id).toBe(APP_ID)
    for (let n = 0; n < 5; n++) broken()
    expect(await sentence(open().app(APP_ID))).toContain('answers 500. It says: Server Error')
  })

  test('given nobody listens, or it hangs up, then that is told', async () => {
    const nobody = `http://127.0.0.1:${await quietPort()}`
    expect(await sentence(open(nobody).app(APP_ID))).toMatch(`${nobody} is not reached: ECONNREFUSED`)
    for (let n = 0; n < 5; n++) platform.faults.push((request) => request.socket.destroy())
    expect(await sentence(open().app(APP_ID))).toMatch(/is not reached: .*(UND_ERR_SOCKET|ECONNRESET)/)
  })

  test('given something else answers, then that is told', async () => {
    platform.faults.push((_, response) => response.end('<html>'))
    expect(await sentence(open().app(APP_ID))).toContain('answers what App Platform would not')
  })

  test('given a redirect, then the token is not taken along', async () => {
    const elsewhere = await TestAppPlatform.start()
    let seen = 0
    elsewhere.faults.push((_, response) => {
      seen++
      send(response, 200, {})
    })
    platform.faults.push((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/v2/apps` }).end(),
    )
    expect(await sentence(open().app(APP_ID))).toContain('answers 302')
    await elsewhere.close()
    expect(seen).toBe(0)
  })

  test('given a wrong token, then the command fails with 1, and neither is printed', async () => {
    const wrong = 'dop_v1_wrong'
    const { code, stdout, stderr } = await runHere(args('--json'), { DIGITALOCEAN_TOKEN: wrong })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `DIGITALOCEAN_TOKEN is not accepted by ${platform.url} (401). It says: Unable to authenticate you\n`,
    )
  })
})

test.each([
  [['--app', 'x'], {}, /DIGITALOCEAN_TOKEN is not set/],
  [[], SET, /--app ID\|NAME is missing/],
  [['--app', 'x', '--interval', 'soon'], SET, /--interval must look like/],
  [['--app', 'x', '--api', 'http://api.example.org'], SET, /--api must look like/],
  [['--app', 'x', '--api', 'http://127.example.org'], SET, /--api must look like/],
  [['--app', 'x', '--api', 'ftp://127.0.0.1'], SET, /--api must look like/],
])('given %j, then wrong use is told, and the exit code is 2', async (given, environment, message) => {
  const { code, stdout, stderr } = await runHere(['check-deploy', ...given], environment)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain(TOKEN)
})

test('an app with the least that the API may give is understood, and so is a phase that is new', () => {
  const app = App.parse({ id: 'x', spec: { name: 'y' }, active_deployment: { id: 'z', phase: 'WARMING' } })
  expect(app.domains).toEqual([])
  expect(outcomeOf(app.active_deployment!)).toBe('under way')
  expect(leavesOf([{}])).toEqual([{ label: '', status: 'UNKNOWN', reason: undefined, seconds: undefined }])
})
