import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, variables } from '../src/config.ts'
import { composeWith, ourServices } from './containers/compose-file.ts'
import { imageEnvironment } from './containers/image.ts'
import { makeCertificate } from './esdb/certificate.ts'

/** The lines that name bad variables. */
function mistakes(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    const [title, ...lines] = (error as Error).message.split('\n')
    expect(title).toBe('These settings are not right:')
    return lines.map((line) => line.trim())
  }
  return []
}

const defaults = {
  port: 3000,
  host: '127.0.0.1',
  dataDir: resolve('.data'),
  archiveDir: resolve('.data', 'archive'),
  databaseUrl: undefined,
  databaseReplicaUrls: [],
  redisUrl: undefined,
  eventStoreUrl: undefined,
  eventStorePrefix: '',
  tlsCa: undefined,
  roles: ['web', 'relay', 'projector'],
  operatorToken: undefined,
  publicUrl: undefined,
  sessionSecret: undefined,
  trustProxy: false,
  migrate: 'auto',
  rebuild: 'auto',
  logLevel: 'info',
  digitalOceanToken: undefined,
  pollsDir: resolve(import.meta.dirname, '..', 'polls'),
  defaultPoll: 'us-federal',
}

describe('the environment', () => {
  test('given nothing is set, then everything is embedded, on localhost', () => {
    expect(readConfig({})).toEqual(defaults)
  })

  test('given every variable is empty, then it is as if none were set', () => {
    expect(readConfig(Object.fromEntries(variables.map((name) => [name, ''])))).toEqual(defaults)
  })

  test('given variables of other programs, then they do not matter', () => {
    expect(readConfig({ PATH: '/usr/bin', PGPASSWORD: 'x', NODE_ENV: 'production' })).toEqual(defaults)
  })

  test('given everything is set, then it is taken', () => {
    const environment = {
      PORT: '0',
      HOST: '0.0.0.0',
      DATA_DIR: '/var/lib/taxbudget',
      ARCHIVE_DIR: '/mnt/archive',
      DATABASE_URL: 'postgresql://me:secret@db.example.org/polls',
      DATABASE_REPLICA_URLS:
        'postgres://me:a,b@one.example.org/polls, postgresql://me@two.example.org:5433/polls',
      REDIS_URL: 'rediss://me:secret@redis.example.org:6380/3',
      EVENT_STORE_URL: 'esdb+discover://admin:changeit@cluster.example.org:2113?nodePreference=leader',
      EVENT_STORE_PREFIX: 'town-',
      TLS_CA: makeCertificate().certificate,
      ROLES: 'projector, relay',
      OPERATOR_TOKEN: 'sixteen-letters!',
      PUBLIC_URL: 'https://budget.example.org/',
      SESSION_SECRET: 'x'.repeat(32),
      TRUST_PROXY: 'true',
      LOG_LEVEL: 'silent',
      DIGITALOCEAN_TOKEN: 'dop_v1_0123',
    }
    expect(readConfig(environment)).toEqual({
      ...defaults,
      port: 0,
      host: '0.0.0.0',
      dataDir: '/var/lib/taxbudget',
      archiveDir: '/mnt/archive',
      databaseUrl: environment.DATABASE_URL,
      databaseReplicaUrls: [
        'postgres://me:a,b@one.example.org/polls',
        'postgresql://me@two.example.org:5433/polls',
      ],
      redisUrl: environment.REDIS_URL,
      eventStoreUrl: environment.EVENT_STORE_URL,
      eventStorePrefix: 'town-',
      tlsCa: environment.TLS_CA,
      roles: ['projector', 'relay'],
      operatorToken: environment.OPERATOR_TOKEN,
      publicUrl: 'https://budget.example.org',
      sessionSecret: environment.SESSION_SECRET,
      trustProxy: true,
      logLevel: 'silent',
      digitalOceanToken: 'dop_v1_0123',
    })
  })

  test('given another folder for the data, then the archive is in there, unless it has its own', () => {
    expect(readConfig({ DATA_DIR: '/data' }).archiveDir).toBe('/data/archive')
    expect(readConfig({ DATA_DIR: '/data', ARCHIVE_DIR: 'months' }).archiveDir).toBe(resolve('months'))
  })

  test('given many mistakes, then each variable is named, all at once', () => {
    const bad = {
      PORT: 'http',
      DATABASE_URL: 'mysql://127.0.0.1',
      DATABASE_REPLICA_URLS: '127.0.0.1:5433',
      EVENT_STORE_URL: 'http://127.0.0.1:2113',
      EVENT_STORE_PREFIX: 'a/b',
      NATS_URL: 'http://127.0.0.1:4222',
      REDIS_URL: '127.0.0.1:6379',
      TLS_CA: 'hidden.pem',
      ROLES: 'web,worker',
      OPERATOR_TOKEN: 'short',
      PUBLIC_URL: 'budget.example.org',
      SESSION_SECRET: 'short',
      TRUST_PROXY: 'yes',
      LOG_LEVEL: 'loud',
      DIGITALOCEAN_TOKEN: 'two words',
    }
    expect(mistakes(bad).map((line) => line.split(' ')[0])).toEqual(Object.keys(bad))
  })
})

describe('a bad variable', () => {
  test.each([
    ...['http', '-1', '65536', '3000.5', '1e3', '0x50', ' ', '99999999'].map((port) => ({ PORT: port })),
    ...['mysql://127.0.0.1/x', '127.0.0.1:5432', 'postgres', 'postgres://'].map((url) => ({
      DATABASE_URL: url,
    })),
    ...['127.0.0.1:5433', 'postgres://', 'postgres://one,two', 'postgres://one,mysql://two'].map((urls) => ({
      DATABASE_REPLICA_URLS: urls,
    })),
    ...['127.0.0.1:6379', 'http://127.0.0.1:6379', 'redis', 'redis://', 'redis://127.0.0.1/main'].map(
      (url) => ({
        REDIS_URL: url,
      }),
    ),
    ...[
      '127.0.0.1:2113',
      'esdb://',
      'esdb://:2113',
      'esdb://one:2113,',
      'esdb://one:port',
      'esdb://user@one',
      'esdb://one?tls=maybe',
      'esdb://one?tlsVerifyCert=false',
      'esdb://one?secret=1',
    ].map((url) => ({ EVENT_STORE_URL: url })),
    ...['a/b', ' ', 'x'.repeat(61)].map((prefix) => ({ EVENT_STORE_PREFIX: prefix })),
    ...['worker', 'web,', ',', 'web;relay', 'WEB', ' '].map((roles) => ({ ROLES: roles })),
    ...['budget.example.org', 'ftp://budget.example.org', 'https://'].map((url) => ({ PUBLIC_URL: url })),
    ...[
      'https://me:secret@budget.example.org',
      'https://me@x.org',
      'https://x.org/?a',
      'https://x.org#a',
    ].map((url) => ({ PUBLIC_URL: url })),
    ...['POSTGRES://me:secret@x/y', ' postgres://x/y', 'postgres://x/y\n', 'post\ngres://x/y'].map((url) => ({
      DATABASE_URL: url,
    })),
    ...['REDIS://x', 'redis://x '].map((url) => ({ REDIS_URL: url })),
    ...['yes', '1', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.1,', '::1/129'].map((value) => ({
      TRUST_PROXY: value,
    })),
    { OPERATOR_TOKEN: 'fifteen-letters' },
    { SESSION_SECRET: 'x'.repeat(31) },
    { LOG_LEVEL: 'INFO' },
    { DIGITALOCEAN_TOKEN: 'two words' },
    ...['ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'].map((pem) => ({
      TLS_CA: pem,
    })),
  ])('%j is refused in one line', (environment) => {
    const [name] = Object.keys(environment)
    expect(mistakes(environment)).toEqual([expect.stringMatching(`^${name} (must|may|is) .{10,}`)])
  })

  test.each([
    ['PORT', 'x', 'must be a whole number from 0 to 65535'],
    ['ROLES', 'x', 'must be any of web, relay, projector, with commas between'],
    ['DATABASE_URL', 'x', 'must look like postgres://user:password@127.0.0.1:5432/taxbudget'],
    [
      'EVENT_STORE_URL',
      'postgres://x',
      'must look like esdb://127.0.0.1:2113?tls=false, or esdb+discover://user:password@cluster.example.org:2113',
    ],
    [
      'DATABASE_REPLICA_URLS',
      'x',
      'must look like postgres://user:password@127.0.0.1:5432/taxbudget, more of them with commas between',
    ],
    ['DATABASE_REPLICA_URLS', 'postgres://127.0.0.1:5433/x', 'needs DATABASE_URL, which it has copies of'],
    ['EVENT_STORE_URL', 'esdb://x?tls=no', 'must say tls=true or tls=false'],
    [
      'NATS_URL',
      'nats://x/y',
      'must look like nats://127.0.0.1:4222, or tls://user:password@one.example.org:4222,two.example.org:4222',
    ],
    ['REDIS_URL', 'x', 'must look like redis://127.0.0.1:6379'],
    [
      'REDIS_URL',
      'redis://127.0.0.1/main',
      'must end in the host and port, or in the number of a database: redis://127.0.0.1:6379/0',
    ],
  ])('%s=%s: %s', (name, value, sentence) => {
    expect(mistakes({ [name]: value })).toEqual([`${name} ${sentence}`])
  })

  test('is not shown, for it may be a secret', () => {
    const secrets = {
      DATABASE_URL: 'mysql://me:hidden@x',
      REDIS_URL: 'http://me:hidden@x',
      OPERATOR_TOKEN: 'hidden',
      SESSION_SECRET: 'hidden',
    }
    expect(mistakes(secrets)).toHaveLength(4)
    expect(mistakes(secrets).join()).not.toContain('hidden')
  })
})

test.each([
  ['web', ['web']],
  ['relay,web', ['relay', 'web']],
  [' projector , relay ', ['projector', 'relay']],
  ['web,relay,projector', ['web', 'relay', 'projector']],
  ['web,web', ['web']],
])('given ROLES=%s, then the process has these roles', (list, roles) => {
  expect(readConfig({ ROLES: list }).roles).toEqual(roles)
})

test.each([
  ['true', true],
  ['false', false],
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.0/8,loopback, fd00::/8', '10.0.0.0/8,loopback, fd00::/8'],
])('given TRUST_PROXY=%s, then %j is believed', (value, believed) => {
  expect(readConfig({ TRUST_PROXY: value }).trustProxy).toEqual(believed)
})

describe('.env.example', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
  const paragraphs = text.trim().split('\n\n').slice(1)
  const named = [...text.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)]

  test('names exactly the variables that there are', () => {
    expect(named.map(([, name]) => name).sort()).toEqual([...variables].sort())
  })

  test('has a sentence for each', () => {
    for (const paragraph of paragraphs) expect(paragraph).toMatch(/^# [A-Z][^=\n]+[.]\n(?:# )?[A-Z_]+=/)
  })

  test('changes nothing when it is used as it is', () => {
    expect(readConfig(parseEnv(text))).toEqual(defaults)
  })

  test('has the values of docker-compose.yml, or of the image, beside those of this machine', () => {
    const pairs = text.matchAll(/^(?:# )?([A-Z_]+)=.*\n# In containers: (.*)$/gm)
    const inContainers = Object.fromEntries(
      [...pairs].map(([, name, value]) => [name, value!.split(', or ')]),
    )
    expect([...text.matchAll(/In containers: /g)]).toHaveLength(Object.keys(inContainers).length)
    const environments = ourServices(composeWith()).map(([, { environment }]) => environment!)
    for (const name of variables) {
      const set = [imageEnvironment, ...environments].map((environment) => environment[name] ?? '')
      const [, , local] = named.find(([, each]) => each === name)!
      const optional = ['', local]
      const different = [...new Set(set)].filter((value) => !optional.includes(value))
      expect({ [name]: different.sort() }).toEqual({ [name]: [...(inContainers[name] ?? [])].sort() })
    }
  })

  test('holds good values where it makes a proposal', () => {
    const proposed = named.map(([, name, value]) => [name, value])
    expect(mistakes(Object.fromEntries(proposed))).toEqual([])
  })
})
