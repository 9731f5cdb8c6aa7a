/** `taxbudget doctor --config`: the settings as people are shown them. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { maskTokens, maskUrls } from '../../src/cli/doctor/mask.ts'
import { settings } from '../../src/cli/doctor/settings.ts'
import { environmentFiles } from '../../src/cli/doctor/sources.ts'
import { readConfig, variables } from '../../src/config.ts'
import { unresolved } from '../../src/first-contact.ts'
import { composeWith, ourServices } from '../containers/compose-file.ts'
import { makeCertificate } from '../esdb/certificate.ts'
import { root } from '../project-files.ts'
import { type Ran, runHere } from './command-line.ts'

const Report = z.strictObject({
  right: z.boolean(),
  settings: z.array(
    z.strictObject({
      name: z.string(),
      value: z.string(),
      source: z.string(),
      inContainers: z.string().optional(),
      problems: z.array(z.string()),
    }),
  ),
  misspelt: z.array(z.strictObject({ name: z.string(), meant: z.string() })),
})

/** Nothing is opened for it. */
const openServices = () => Promise.reject(new Error('nothing is to be opened'))

async function look(environment: Record<string, string>, files: readonly string[] = []) {
  const ran = await runHere(['doctor', '--config', '--json'], environment, {
    openServices,
    environmentFiles: files,
  })
  const { right, settings, misspelt } = Report.parse(JSON.parse(ran.stdout))
  return {
    ...ran,
    right,
    of: (name: string) => settings.find((each) => each.name === name)!,
    settings,
    misspelt,
  }
}

const printed = (environment: Record<string, string>): Promise<Ran> =>
  runHere(['doctor', '--config'], environment, { openServices })

describe('doctor --config', { timeout: 20_000 }, () => {
  it('given nothing is set, tells every setting and what there is instead', async () => {
    const { code, right, settings } = await look({})
    expect({ code, right }).toEqual({ code: 0, right: true })
    expect(settings.map(({ name }) => name)).toEqual(variables)
    for (const { source, problems } of settings)
      expect({ source, problems }).toEqual({ source: 'default', problems: [] })
    const { stdout } = await printed({})
    expect(stdout).toMatch(
      /^setting +value +from +in containers\nPORT +3000 +default\nHOST +127\.0\.0\.1 +default +0\.0\.0\.0\n/,
    )
    expect(stdout).toMatch(
      /^DATABASE_URL +\(the embedded PostgreSQL\) +default +postgres:\/\/taxbudget:…@postgres:5432\/taxbudget$/m,
    )
  })

  it('given servers on this machine, tells which they would be in containers', async () => {
    const { of, code } = await look({
      DATABASE_URL: 'postgres://me:secret@localhost:5433/polls?sslmode=disable',
      EVENT_STORE_URL: 'esdb://admin:secret@127.0.0.1:2114?tls=false',
      NATS_URL: 'nats://127.0.0.1:4222',
      REDIS_URL: 'redis://192.0.2.7:6379/3',
      DATABASE_REPLICA_URLS: 'postgres://me@127.0.0.1:5434/polls,postgres://me@192.0.2.8/polls',
    })
    expect(code).toBe(0)
    expect(of('DATABASE_URL').inContainers).toBe('postgres://me:…@postgres:5432/polls?sslmode=disable')
    expect(of('EVENT_STORE_URL').inContainers).toBe('esdb://admin:…@eventstore:2113?tls=false')
    expect(of('NATS_URL').inContainers).toBe('nats://nats:4222')
    expect(of('REDIS_URL').inContainers).toBeUndefined()
    expect(of('DATABASE_REPLICA_URLS').inContainers).toContain('instead of 127.0.0.1')
  })

  it.each([
    ['DATABASE_URL', 'postgres://postgres:5432', 'postgres://127.0.0.1:5432'],
    ['DATABASE_URL', 'postgres://me:hidden@postgres/polls', 'postgres://me:…@127.0.0.1:5432/polls'],
    ['EVENT_STORE_URL', 'esdb://eventstore:2113?tls=false', 'esdb://127.0.0.1:2113?tls=false'],
    ['NATS_URL', 'nats://nats', 'nats://127.0.0.1:4222'],
    ['REDIS_URL', 'redis://redis:6379', 'redis://127.0.0.1:6379'],
  ])('given %s=%s where no container is, says so and what to write', async (name, value, instead) => {
    const { code, right, of, stdout } = await look({ [name]: value })
    expect({ code, right }).toEqual({ code: 1, right: false })
    const [problem, ...more] = of(name).problems
    expect(more).toEqual([])
    expect(problem).toMatch(/^leads nowhere: the host "\w+" does not resolve: it is a container's name/)
    expect(problem).toMatch(new RegExp(`Outside them write ${instead.replace(/[.?]/g, '\\$&')}$`))
    expect(stdout).not.toContain('hidden')
    expect((await printed({ [name]: value })).stdout).toContain(`✗ ${name} ${problem}`)
  })

  it('given values that are not right, tells each, and shows none of them', async () => {
    const { code, of, stdout } = await look({ PORT: 'hidden', SESSION_SECRET: 'hidden', LOG_LEVEL: 'warn' })
    expect(code).toBe(1)
    expect(of('PORT')).toMatchObject({
      value: '(not shown)',
      problems: ['must be a whole number from 0 to 65535.'],
    })
    expect(of('SESSION_SECRET').problems).toEqual(['must have at least 32 characters.'])
    expect(of('LOG_LEVEL')).toMatchObject({ value: 'warn', source: 'environment', problems: [] })
    expect(stdout).not.toContain('hidden')
  })

  it('tells which of a file’s values count, and which the environment had already', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-settings-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [first, second] = [join(folder, 'first.env'), join(folder, 'second.env')]
    await writeFile(first, 'PORT=3001\nHOST=0.0.0.0\nLOG_LEVEL=warn\n')
    await writeFile(second, 'HOST=::1\n')
    const { of } = await look({ PORT: '3001', HOST: '::1', LOG_LEVEL: 'error' }, [
      first,
      second,
      join(folder, 'none'),
    ])
    const sources = ['PORT', 'HOST', 'LOG_LEVEL', 'REBUILD'].map((name) => of(name).source)
    expect(sources).toEqual([first, second, 'environment', 'default'])
    expect(
      environmentFiles(['--env-file=a', '--no-warnings', '--env-file', 'b', '--env-file-if-exists=c']),
    ).toEqual(['a', 'b', 'c'])
  })

  it('tells which names are almost those of settings, without what they say', async () => {
    const environment = {
      DATABSE_URL: 'hidden',
      REDIS_URI: 'hidden',
      nats_url: 'hidden',
      HOME: '/root',
      HOSTNAME: 'x',
      ROLE: 'web',
      NODE_OPTIONS: '',
      POSTGRES_PASSWORD: 'hidden',
    }
    const { code, stdout } = await printed(environment)
    expect(stdout).toContain('! DATABSE_URL is no setting: DATABASE_URL is. Is that meant?\n')
    expect(stdout).not.toContain('hidden')
    expect(code).toBe(0)
    expect((await look(environment)).misspelt).toEqual([
      { name: 'DATABSE_URL', meant: 'DATABASE_URL' },
      { name: 'REDIS_URI', meant: 'REDIS_URL' },
      { name: 'nats_url', meant: 'NATS_URL' },
    ])
    expect((await look(Object.fromEntries(variables.map((name) => [name, ''])))).misspelt).toEqual([])
  })

  it('goes with no routine', async () => {
    const { code, stderr } = await runHere(['doctor', '--config', '--daily'], {}, { openServices })
    expect(code).toBe(2)
    expect(stderr).toContain('--config goes with no routine')
  })
})

describe('a secret', () => {
  const secret = fc.stringMatching(/^[A-Z]{6,20}$/)

  it('is shown in no setting', async () => {
    const S = 'HIDDENHIDDENHIDDENHIDDENHIDDENHIDDEN'
    const { stdout, of } = await look({
      DATABASE_URL: `postgres://me:${S}@192.0.2.1/x?sslpassword=${S}`,
      DATABASE_REPLICA_URLS: `postgres://me:${S}@192.0.2.1/x,postgres://me:a,${S}@192.0.2.2/x`,
      EVENT_STORE_URL: `esdb://admin:${S}@192.0.2.1:2113`,
      NATS_URL: `tls://${S}@192.0.2.1:4222`,
      REDIS_URL: `rediss://:${S}@192.0.2.1`,
      OPERATOR_TOKEN: `anna:${S},${S}`,
      SESSION_SECRET: S,
      DIGITALOCEAN_TOKEN: S,
      TLS_CA: makeCertificate().certificate,
    })
    expect(stdout).not.toContain('HIDDEN')
    expect(of('OPERATOR_TOKEN').value).toBe('anna:…,…')
    expect(of('TLS_CA').value).toBe('1 certificate')
    expect(of('REDIS_URL').value).toBe('rediss://:…@192.0.2.1')
  })

  it('is masked wherever in a password it stands', () => {
    const around = fc.stringMatching(/^[a-z0-9@:,;%-]{0,12}$/)
    fc.assert(
      fc.property(secret, around, around, (word, before, after) => {
        expect(maskUrls(`postgres://me:${before}${word}${after}@192.0.2.1:5432/x`)).not.toContain(word)
        expect(maskTokens(`anna:${word}`)).not.toContain(word)
      }),
    )
  })

  it.each([
    'POSTGRES://me:HIDDEN@192.0.2.1/x',
    ' postgres://me:HIDDEN@192.0.2.1/x',
    'redis://HIDDEN@192.0.2.1',
    'postgres://192.0.2.1/x?user=me&p%61ssword=HIDDEN',
    'postgres://192.0.2.1/x?sslmode=require&sslKEY=HIDDEN&x=1',
  ])('is masked, however it is written: %s', (url) => {
    expect(maskUrls(url)).not.toContain('HIDDEN')
    expect(maskUrls(url)).toContain('192.0.2.1')
  })

  it('in the public address is refused, for that stands in every link', async () => {
    const { of, stdout } = await look({ PUBLIC_URL: 'https://me:HIDDEN@budget.example.org' })
    expect(stdout).not.toContain('HIDDEN')
    expect(of('PUBLIC_URL').problems).toEqual([
      'must have no user, no password, no ? and no #: it stands in every link.',
    ])
  })
})

describe('what is said of the settings', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8')
  const named = [...example.matchAll(/^(# )?([A-Z_]+)=(.*)(?:\n# In containers: (.*))?$/gm)]

  it('is what .env.example says', () => {
    expect(Object.keys(settings)).toEqual(named.map(([, , name]) => name))
    for (const [, comment, name, value, inContainers] of named) {
      const { unset, inContainers: told } = settings[name!]!
      expect(told, name).toBe(inContainers)
      if (comment) expect(unset, name).toMatch(/^\(.+\)$/)
      else expect(unset, name).toBe(value)
    }
  })

  it('holds: what counts where nothing is set is what the program takes then', () => {
    const literal = Object.entries(settings).filter(([, { unset }]) => !unset.startsWith('('))
    expect(literal).toHaveLength(8)
    expect(readConfig(Object.fromEntries(literal.map(([name, { unset }]) => [name, unset])))).toEqual(
      readConfig({}),
    )
  })

  it('knows the names of the servers’ containers', () => {
    const compose = composeWith()
    const ours = new Set(ourServices(compose).map(([name]) => name))
    const servers = Object.keys(compose.services).filter((name) => !ours.has(name))
    expect(servers.length).toBeGreaterThan(3)
    for (const name of servers)
      expect(unresolved(name, 'x')).toContain('it is a container’s name'.replace('’', "'"))
    expect(unresolved('db.example.org', 'x')).toContain("If it is a container's name")
  })
})
