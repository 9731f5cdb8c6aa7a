/** What holds for the project as a whole. Each test tells the files that break the rule. */
import { describe, expect, test } from 'vitest'
import { filesBelow, importsOf, type ProjectFile } from './project-files.ts'

const sources = filesBelow('src')
const typescript = sources.filter(({ path }) => path.endsWith('.ts'))
const everything = [
  ...sources,
  ...['tests', 'infra', 'bench', 'chaos', 'loadtest'].flatMap((folder) => filesBelow(folder)),
]

const paths = (files: readonly ProjectFile[]) => files.map(({ path }) => path)

test('there are files to look at', () => {
  expect(typescript.length).toBeGreaterThan(50)
  expect(typescript.flatMap(importsOf).length).toBeGreaterThan(100)
})

describe('views', () => {
  test('write nothing unescaped but other views', () => {
    const views = filesBelow('src/web/views', '.ejs')
    expect(views).not.toEqual([])
    expect(paths(views.filter(({ source }) => /<%-(?!\s*include\()/.test(source)))).toEqual([])
  })
})

describe('the environment', () => {
  test('is handed to readConfig by the entry points, and read nowhere else', () => {
    const allowed = new Set([
      'src/main.ts',
      'src/cli/main.ts',
      // Passes it on to the programs that it starts.
      'src/postgres/embedded-binaries.ts',
    ])
    const readers = typescript.filter(({ code }) => /process\.env|\benv\b.*from 'node:process'/.test(code))
    expect(paths(readers).filter((path) => !allowed.has(path))).toEqual([])
    for (const { path, code } of readers)
      expect(code, `${path} reads a single variable`).not.toMatch(/process\.env(\.\w|\[)/)
  })

  test('does not change what the program does by NODE_ENV', () => {
    expect(paths(typescript.filter(({ code }) => code.includes('NODE_ENV')))).toEqual([])
  })
})

describe('files', () => {
  test('of code in src have no more than 300 lines', () => {
    const code = sources.filter(({ path }) => /\.(ts|js|ejs)$/.test(path))
    expect(paths(code.filter(({ source }) => source.split('\n').length > 300))).toEqual([])
  })

  test('are short: the median in src is about 40 lines, nine in ten are under 200', () => {
    const lengths = typescript.map(({ source }) => source.trimEnd().split('\n').length).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(65)
    expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThan(200)
  })

  test('do not only re-export', () => {
    const reExport = /export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+'/g
    const only = typescript.filter(
      ({ code }) => reExport.test(code) && code.replace(reExport, '').trim() === '',
    )
    expect(paths(only)).toEqual([])
  })

  test('hold no unfinished business and no test that does not run', () => {
    const unfinished = /\b(TODO|FIXME|XXX)\b/
    const idle = /\b(test|it|describe)\.(skip|only|todo|skipIf|runIf|fails)\b/
    const others = everything.filter(({ path }) => path !== 'tests/policies.test.ts')
    expect(paths(others.filter(({ source }) => unfinished.test(source) || idle.test(source)))).toEqual([])
  })
})

describe('imports', () => {
  /** Folder or file of src → what of src it may import besides itself. */
  const allowed: Readonly<Record<string, readonly string[]>> = {
    'errors.ts': [],
    'config.ts': ['events', 'trusted-authorities.ts'],
    'deadline.ts': [],
    threads: ['deadline.ts'],
    'first-contact.ts': [],
    'server-report.ts': [],
    metrics: ['deadline.ts'],
    processes: ['postgres', 'deadline.ts', 'metrics', 'readiness.ts'],
    'observation.ts': ['config.ts', 'events', 'metrics', 'postgres', 'processes', 'projections'],
    'readiness.ts': ['deadline.ts'],
    'session-secret.ts': ['config.ts'],
    postgres: ['config.ts', 'deadline.ts', 'first-contact.ts', 'server-report.ts', 'threads'],
    events: ['deadline.ts', 'first-contact.ts', 'postgres', 'server-report.ts'],
    commands: ['events', 'errors.ts'],
    projections: [
      'events',
      'postgres',
      'threads',
      'deadline.ts',
      'errors.ts',
      'first-contact.ts',
      'server-report.ts',
      'trusted-authorities.ts',
    ],
    backup: ['events', 'projections'],
    queries: ['projections', 'events', 'threads', 'errors.ts', 'deadline.ts', 'trusted-authorities.ts'],
    'trusted-authorities.ts': [],
    operators: ['commands', 'queries', 'projections', 'events', 'errors.ts', 'deadline.ts'],
    web: [
      'processes',
      'doctor',
      'commands',
      'operators',
      'queries',
      'projections',
      'events',
      'errors.ts',
      'metrics',
      'readiness.ts',
      'deadline.ts',
    ],
    'adapters.ts': [
      'config.ts',
      'connection-log.ts',
      'events',
      'first-contact.ts',
      'postgres',
      'projections',
      'queries',
    ],
    'connection-log.ts': ['first-contact.ts'],
    'tier-log.ts': ['connection-log.ts', 'metrics', 'queries'],
    'open-readers.ts': [
      'config.ts',
      'deadline.ts',
      'events',
      'metrics',
      'postgres',
      'projections',
      'queries',
    ],
    'open-replays.ts': ['adapters.ts', 'events', 'projections', 'queries'],
    'embedded-log.ts': ['postgres'],
    'services.ts': [
      'adapters.ts',
      'embedded-log.ts',
      'open-readers.ts',
      'open-replays.ts',
      'operators',
      'commands',
      'queries',
      'projections',
      'events',
      'postgres',
      'config.ts',
      'connection-log.ts',
      'deadline.ts',
      'metrics',
      'observation.ts',
      'readiness.ts',
      'session-secret.ts',
      'tier-log.ts',
      'trusted-authorities.ts',
    ],
    roles: [
      'adapters.ts',
      'open-doctor.ts',
      'services.ts',
      'commands',
      'projections',
      'events',
      'postgres',
      'web',
      'config.ts',
      'connection-log.ts',
      'deadline.ts',
      'processes',
    ],
    cli: [
      'backup',
      'commands',
      'operators',
      'queries',
      'projections',
      'events',
      'postgres',
      'threads',
      'config.ts',
      'deadline.ts',
      'errors.ts',
      'first-contact.ts',
      'services.ts',
      'doctor',
      'open-doctor.ts',
      'trusted-authorities.ts',
    ],
    doctor: ['deadline.ts', 'events', 'postgres', 'processes', 'projections', 'server-report.ts'],
    'open-doctor.ts': [
      'adapters.ts',
      'open-readers.ts',
      'config.ts',
      'deadline.ts',
      'doctor',
      'events',
      'postgres',
      'processes',
      'projections',
    ],
    'main.ts': ['roles', 'services.ts', 'threads', 'commands', 'web', 'config.ts', 'deadline.ts'],
  }
  const part = (path: string) => path.split('/')[1]!

  test('point one way: web and cli → commands, queries → projections → events', () => {
    const wrong = typescript.flatMap((file) => {
      const from = part(file.path)
      const may = new Set([from, ...(allowed[from] ?? [])])
      return importsOf(file)
        .filter((target) => target.startsWith('src/') && !may.has(part(target)))
        .map((target) => `${file.path} → ${target}`)
    })
    expect(wrong).toEqual([])
    expect([...new Set(typescript.map(({ path }) => part(path)))].sort()).toEqual(Object.keys(allowed).sort())
  })

  test('never lead out of src, but to package.json', () => {
    const out = typescript.flatMap(importsOf).filter((target) => !target.startsWith('src/'))
    expect(out.filter((target) => target !== 'package.json')).toEqual([])
  })

  test('choose adapters in the composition roots alone', () => {
    const adapter =
      /^src\/(events\/postgres\/|events\/(eventstore|nats)|events\/in-process-|projections\/(in-process|redis)-)/
    const roots = new Set([
      'src/adapters.ts',
      // Looks at each server by itself.
      'src/open-doctor.ts',
      'src/open-readers.ts',
      // What a NATS_URL may look like.
      'src/config.ts',
      // A thread of its own, which is handed no objects.
      'src/queries/replay-worker.ts',
      'src/projections/builds/build-worker.ts',
      // Projects by itself where no service runs.
      'src/cli/keep-projecting.ts',
    ])
    const choosers = typescript.filter(
      (file) => !adapter.test(file.path) && importsOf(file).some((target) => adapter.test(target)),
    )
    expect(paths(choosers).filter((path) => !roots.has(path))).toEqual([])
  })

  test.each([
    ['nats', 'src/events/'],
    ['@eventstore/db-client', 'src/events/'],
    ['ioredis', 'src/projections/'],
  ])('of %s are in one file, if any', (name, folder) => {
    const users = paths(typescript.filter(({ code }) => code.includes(`'${name}'`)))
    expect(users.length).toBeLessThanOrEqual(1)
    expect(users.filter((path) => !path.startsWith(folder))).toEqual([])
  })

  test('do not go in circles when the program runs', () => {
    const runtime = (file: ProjectFile) => ({
      ...file,
      code: file.code.replace(/^(im|ex)port type .*$/gm, ''),
    })
    const byPath = new Map(typescript.map((file) => [file.path, importsOf(runtime(file))]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      if (done.has(path) || trail.includes(path)) return
      for (const target of byPath.get(path) ?? []) visit(target, [...trail, path])
      done.add(path)
    }
    for (const path of byPath.keys()) visit(path, [])
    expect(circles).toEqual([])
  })
})

describe('time, ids and randomness', () => {
  const pure = [
    /^src\/commands\//,
    /^src\/events\/(domain|poll|submission)-events\.ts$/,
    /^src\/projections\/(fold|category-aggregate|poll-aggregate|diff-aggregates)\.ts$/,
    /^src\/queries\/(statistics|truthful-budget|distribution|disagreement|bloc|comparison|results-view|round-to-whole)\.ts$/,
    /^src\/queries\/(calendar|time-zone|period-index|trends-(request|statistics|view|csv))\.ts$/,
    /^src\/cli\/import\/(largest-remainder|lines|fields|csv-file|pb-file|pb-head|pb-votes|poll-from-file)\.ts$/,
  ]

  test('are inputs of what decides, folds and computes', () => {
    const files = typescript.filter(({ path }) => pure.some((pattern) => pattern.test(path)))
    expect(files.length).toBeGreaterThan(20)
    const impure =
      /Math\.random|Date\.now\(|new Date\(\)|\bDate\(\)|performance\.now|randomUUID|randomBytes|randomInt|process\.hrtime/
    expect(paths(files.filter(({ code }) => impure.test(code)))).toEqual([])
  })
})

describe('migrations', () => {
  test('are numbered without a gap, each with a name', () => {
    const names = filesBelow('infra/migrations').map(({ path }) => path.split('/').at(-1)!)
    expect(names).not.toEqual([])
    for (const [index, name] of names.entries())
      expect(name).toMatch(new RegExp(`^${String(index + 1).padStart(6, '0')}_[a-z0-9_]+\\.sql$`))
  })

  /** Statements after which a program may fail that knows nothing of them: docs/migrations.md. */
  const takesAway =
    /\bdrop (?!constraint|not null|default)|\brename\b|\balter column \w+ (set data )?type\b|\bset not null\b|\btruncate\b/
  const sqlOf = (source: string) =>
    source
      .replace(/--.*$/gm, '')
      .replace(/\bcomment on [^;]*;/g, '')
      .toLowerCase()

  test.each([
    ['drop table x', true],
    ['alter table x drop column y', true],
    ['alter table x drop y', true],
    ['alter table x rename to z', true],
    ['alter table x alter column y type bigint', true],
    ['alter table x alter column y set not null', true],
    ['-- drop table x', false],
    ["comment on table x is 'rename';", false],
    ['alter table x drop constraint y', false],
    ['alter table x alter column y drop not null', false],
    ['alter table x add column y text', false],
  ])('that say %j take something away: %j', (sql, away) => {
    expect(takesAway.test(sqlOf(sql))).toBe(away)
  })

  test('that take something away say which is the oldest program that goes on beside them', () => {
    // Those before the rule were written when every process had to be updated at once.
    const ruled = filesBelow('infra/migrations').slice(13)
    const silent = ruled.filter(
      ({ source }) => takesAway.test(sqlOf(source)) && !/^-- oldest program: \d{6}$/m.test(source),
    )
    expect(paths(silent)).toEqual([])
  })
})
