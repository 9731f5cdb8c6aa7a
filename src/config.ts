import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { parseNatsUrl } from './events/nats/url.ts'
import { readCertificates } from './trusted-authorities.ts'

/** What a process does; any number of them, in any mix. */
const roles = ['web', 'relay', 'projector'] as const
type Role = (typeof roles)[number]

/** To the letter: URL.parse would pass over capitals and blanks, which who reads the text itself would not. */
const isUrl = (protocols: readonly string[]) => (value: string) =>
  protocols.some((protocol) => value.startsWith(`${protocol}//`)) &&
  /^\S+$/.test(value) &&
  /^[^,]+$/.test(URL.parse(value)?.hostname ?? '')

const url = (protocols: readonly string[], example: string) =>
  z.string().refine(isUrl(protocols), { message: `must look like ${example}` })

const isPostgresUrl = isUrl(['postgres:', 'postgresql:'])
const POSTGRES_EXAMPLE = 'postgres://user:password@127.0.0.1:5432/taxbudget'

/** An address, a range of them, or one of the names that fastify knows. */
function isAddress(text: string): boolean {
  const value = text.trim()
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true
  const [address = '', bits = '0', ...more] = value.split('/')
  const family = isIP(address)
  return (
    family > 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  )
}

/** What the client of EventStoreDB takes after the question mark. It would print others, and the password with them. */
const eventStoreOptions = new Set([
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'throwonappendfailure',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
])

const eventStoreUrl = z
  .string()
  .refine(
    (value) =>
      /^esdb(\+discover)?:\/\/([^:@/?]+:[^@/?]+@)?([\w.-]+(:\d{1,5})?(,(?=\w)|(?=[/?]|$)))+\/?(\?.*)?$/.test(
        value,
      ),
    'must look like esdb://127.0.0.1:2113?tls=false, or esdb+discover://user:password@cluster.example.org:2113',
  )
  .refine(
    (value) => optionsOf(value).every(([name]) => eventStoreOptions.has(name.toLowerCase())),
    `may have these options: ${[...eventStoreOptions].join(', ')}`,
  )
  .refine(
    (value) => optionsOf(value).every(([name, given]) => name !== 'tls' || /^(true|false)$/.test(given)),
    'must say tls=true or tls=false',
  )

const optionsOf = (value: string) => [...new URLSearchParams(/\?.*$/.exec(value)?.[0])]

/** Redis numbers its databases; a URL may name one, or none. */
const isRedisPath = (value: string): boolean => /^\/?\d{0,5}$/.test(URL.parse(value)?.pathname ?? '')

const isForEverybody = (value: string): boolean => {
  const { username, password } = URL.parse(value) ?? {}
  return !username && !password && !/[?#]/.test(value)
}

const Environment = z.object({
  PORT: z
    .string()
    .default('3000')
    .refine(
      (port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535,
      'must be a whole number from 0 to 65535',
    )
    .transform(Number),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  ARCHIVE_DIR: z.string().min(1).optional(),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, { message: `must look like ${POSTGRES_EXAMPLE}` })
    .optional(),
  DATABASE_REPLICA_URLS: z
    .string()
    .transform((list) => [...new Set(list.split(/\s*,\s*(?=postgres(?:ql)?:\/\/)/))])
    .refine((urls) => urls.every(isPostgresUrl), {
      message: `must look like ${POSTGRES_EXAMPLE}, more of them with commas between`,
    })
    .optional(),
  EVENT_STORE_URL: eventStoreUrl.optional(),
  EVENT_STORE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/, 'must be at most 60 letters, digits and dashes')
    .default(''),
  NATS_URL: z
    .string()
    .refine(
      (value) => parseNatsUrl(value) !== undefined,
      'must look like nats://127.0.0.1:4222, or tls://user:password@one.example.org:4222,two.example.org:4222',
    )
    .optional(),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://127.0.0.1:6379')
    .refine(
      isRedisPath,
      'must end in the host and port, or in the number of a database: redis://127.0.0.1:6379/0',
    )
    .optional(),
  TLS_CA: z
    .string()
    .refine(
      (value) => readCertificates(value) !== undefined,
      'must be certificates in PEM: -----BEGIN CERTIFICATE----- and so on, one after the other',
    )
    .optional(),
  ROLES: z
    .string()
    .default(roles.join(','))
    .transform((list) => [...new Set(list.split(',').map((role) => role.trim()))])
    .pipe(
      z.array(z.enum(roles, { error: `must be any of ${roles.join(', ')}, with commas between` })).min(1),
    ),
  OPERATOR_TOKEN: z
    .string()
    .refine(
      (value) => value.split(',').every((entry) => entry.replace(/^[a-z0-9-]{1,32}:/, '').length >= 16),
      'must have at least 16 characters',
    )
    .optional(),
  PUBLIC_URL: url(['http:', 'https:'], 'https://budget.example.org')
    .refine(isForEverybody, 'must have no user, no password, no ? and no #: it stands in every link')
    .optional(),
  SESSION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  TRUST_PROXY: z
    .string()
    .default('false')
    .refine(
      (value) => value === 'true' || value === 'false' || value.split(',').every(isAddress),
      'must be true, false, or the addresses of the proxies: 10.0.0.1, 10.0.0.0/8, loopback, with commas between',
    ),
  MIGRATE: z.enum(['auto', 'manual'], { error: 'must be auto or manual' }).default('auto'),
  REBUILD: z.enum(['auto', 'manual'], { error: 'must be auto or manual' }).default('auto'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  DIGITALOCEAN_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be one word')
    .optional(),
})

export interface Config {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  /** Where months of the event log are archived; absolute. */
  readonly archiveDir: string
  /** Undefined: the embedded PostgreSQL under `dataDir`. */
  readonly databaseUrl: string | undefined
  /** Copies of it that follow it, to be read from; none: everything is read from itself. */
  readonly databaseReplicaUrls: readonly string[]
  /** Undefined: snapshots are kept in the process. */
  readonly redisUrl: string | undefined
  /** Undefined: the bus is in the process. */
  readonly natsUrl: string | undefined
  /** Undefined: the event log is in PostgreSQL. */
  readonly eventStoreUrl: string | undefined
  /** Stands before the names of all streams in EventStoreDB. */
  readonly eventStorePrefix: string
  /** PEM of authorities that are believed beside the known ones. */
  readonly tlsCa: string | undefined
  readonly roles: readonly Role[]
  /** One token, or several as `label:token` with commas between. */
  readonly operatorToken: string | undefined
  /** Without a trailing slash. Undefined: wherever the web role listens. */
  readonly publicUrl: string | undefined
  /** Undefined: made at the first start and kept under `dataDir`. */
  readonly sessionSecret: string | undefined
  readonly trustProxy: boolean | string
  /** Who brings the database's schema up to date: every process when it starts, or `taxbudget migrate` alone. */
  readonly migrate: 'auto' | 'manual'
  /** Who begins the rebuild that a newer program needs: the program itself when it starts, or an operator. */
  readonly rebuild: 'auto' | 'manual'
  readonly logLevel: string
  /** For `taxbudget check-deploy`. */
  readonly digitalOceanToken: string | undefined
  /** Where the poll files live; the first one is the default poll. */
  readonly pollsDir: string
  readonly defaultPoll: string
}

/** Every variable that this program knows. */
export const variables: readonly string[] = Object.keys(Environment.shape)

/** What is wrong with a variable. */
export interface Mistake {
  readonly name: string
  /** Goes on after the name: `must be …`. */
  readonly message: string
}

type Variables = Readonly<Record<string, string | undefined>>

/** All that is wrong with the environment; nothing if it is right. */
export function mistakesIn(environment: Variables): readonly Mistake[] {
  const settings = settingsOf(environment)
  return Array.isArray(settings) ? settings : []
}

function settingsOf(environment: Variables): z.infer<typeof Environment> | Mistake[] {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const { success, data, error } = Environment.safeParse(given)
  if (!success) return error.issues.map(({ path, message }) => ({ name: String(path[0]), message }))
  return data.DATABASE_REPLICA_URLS && data.DATABASE_URL === undefined
    ? [{ name: 'DATABASE_REPLICA_URLS', message: 'needs DATABASE_URL, which it has copies of' }]
    : data
}

/** All mistakes in the environment at once, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * The environment as one typed object; an empty variable counts as unset.
 * @throws {ConfigError} naming every bad variable
 */
export function readConfig(environment: Variables): Config {
  const settings = settingsOf(environment)
  if (Array.isArray(settings)) {
    const lines = settings.map(({ name, message }) => `  ${name} ${message}`)
    throw new ConfigError(['These settings are not right:', ...new Set(lines)].join('\n'))
  }
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDir: resolve(settings.DATA_DIR),
    archiveDir: resolve(settings.ARCHIVE_DIR ?? join(settings.DATA_DIR, 'archive')),
    databaseUrl: settings.DATABASE_URL,
    databaseReplicaUrls: settings.DATABASE_REPLICA_URLS ?? [],
    redisUrl: settings.REDIS_URL,
    natsUrl: settings.NATS_URL,
    eventStoreUrl: settings.EVENT_STORE_URL,
    eventStorePrefix: settings.EVENT_STORE_PREFIX,
    tlsCa: settings.TLS_CA,
    roles: settings.ROLES,
    operatorToken: settings.OPERATOR_TOKEN,
    publicUrl: settings.PUBLIC_URL?.replace(/\/+$/, ''),
    sessionSecret: settings.SESSION_SECRET,
    trustProxy: trustProxy(settings.TRUST_PROXY),
    migrate: settings.MIGRATE,
    rebuild: settings.REBUILD,
    logLevel: settings.LOG_LEVEL,
    digitalOceanToken: settings.DIGITALOCEAN_TOKEN,
    pollsDir: join(import.meta.dirname, '..', 'polls'),
    defaultPoll: 'us-federal',
  }
}

/** `true`, `false`, or the addresses of the proxies to believe. */
const trustProxy = (value: string): boolean | string =>
  value === 'true' ? true : value === 'false' ? false : value
