/** infra/droplet, as far as it can be judged without a droplet; NATS's part of it is run in nats-cluster.test.ts. */
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { composeWith, type Service, schemaErrors } from '../containers/compose-file.ts'
import { filesBelow, root } from '../project-files.ts'

const folder = join(root, 'infra', 'droplet')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

const temporary = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'taxbudget-droplet-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const makeNodes = (path: string, ...nodes: string[]) =>
  spawnSync(process.execPath, [join(folder, 'nodes.ts'), path, ...nodes], { encoding: 'utf8' })
const settingsOf = (path: string, node: string) =>
  parseEnv(readFileSync(join(path, node, 'secrets', 'node.env'), 'utf8'))

const THREE = ['node-1=10.10.0.2', 'node-2=10.10.0.3', 'node-3=10.10.0.4']
const PORTS = { ssh: 22, eventStore: 2113, eventStoreReplication: 1112, nats: 4222, natsRoutes: 6222 }

interface DropletService extends Service {
  readonly network_mode: string
  readonly env_file: readonly string[]
  readonly ulimits?: unknown
}

describe('the compose file of a droplet', () => {
  const text = read('compose.yaml')
  const { services } = parse(text, { merge: true }) as { services: Record<string, DropletService> }

  test('fits the compose schema', () => {
    expect(schemaErrors(text)).toEqual([])
    expect(schemaErrors(text.replace('network_mode:', 'network:')).join()).toContain('additional properties')
  })

  test('runs EventStoreDB and NATS, of the versions that are tried elsewhere, and no Redis', () => {
    expect(Object.keys(services).sort()).toEqual(['eventstore', 'nats'])
    const local = composeWith().services
    for (const [name, { image }] of Object.entries(services)) expect(image, name).toBe(local[name]!.image)
    expect(filesBelow('infra/droplet').filter(({ code }) => /\b6379\b/.test(code))).toEqual([])
  })

  test('opens no port past the firewall: the host has the network, and each listens on the private address', () => {
    for (const [name, { network_mode, ports }] of Object.entries(services))
      expect({ name, network_mode, ports }).toEqual({ name, network_mode: 'host', ports: undefined })
    for (const { path, source } of filesBelow('infra/droplet'))
      expect(source.includes('0.0.0.0'), path).toBe(path.endsWith('README.md') && source.includes('0.0.0.0'))
    expect(read('nats-server.conf')).toMatch(/^host: \$NODE_ADDRESS$/m)
    expect(read('nats-cluster.conf')).toMatch(/^ {2}host: \$NODE_ADDRESS$/m)
  })

  test('has TLS everywhere, data on the volume, rights for nobody, a health check and time to stop', () => {
    expect(services.eventstore!.environment).toMatchObject({
      EVENTSTORE_INSECURE: 'false',
      EVENTSTORE_MEM_DB: 'false',
      EVENTSTORE_CERTIFICATE_FILE: '/etc/taxbudget/secrets/node.crt',
      EVENTSTORE_TRUSTED_ROOT_CERTIFICATES_PATH: '/etc/taxbudget/secrets/authorities',
    })
    const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes)
    const kept = mounts.filter((mount) => !mount.endsWith(':ro'))
    expect(kept.length).toBe(3)
    for (const mount of kept) expect(mount).toMatch(/^\/mnt\/taxbudget\//)
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
      expect(service.healthcheck.test, name).toBeDefined()
      expect(service.stop_grace_period, name).toMatch(/^\d+s$/)
    }
  })
})

describe("nodes.ts makes what is each droplet's own", () => {
  test('for one node', () => {
    const path = temporary()
    expect(makeNodes(path, 'node-1=10.10.0.2')).toMatchObject({ status: 0, stderr: '' })
    const settings = settingsOf(path, 'node-1')
    expect(settings).toMatchObject({ NODE_ADDRESS: '10.10.0.2', EVENTSTORE_CLUSTER_SIZE: '1' })
    expect(settings.EVENTSTORE_GOSSIP_SEED).toBeUndefined()
    expect(readFileSync(join(path, 'node-1', '.env'), 'utf8')).toBe('NATS_CONFIG=nats-server.conf\n')
  })

  test('for three, with the authority and the passwords of the one', () => {
    const path = temporary()
    makeNodes(path, THREE[0]!)
    const before = readFileSync(join(path, 'urls.env'), 'utf8')
    const authority = readFileSync(join(path, 'ca.crt'), 'utf8')
    expect(makeNodes(path, ...THREE).status).toBe(0)
    expect(readFileSync(join(path, 'ca.crt'), 'utf8')).toBe(authority)
    const [one, three] = [before, readFileSync(join(path, 'urls.env'), 'utf8')].map((text) => parseEnv(text))
    // By URL alone: the same, and two more.
    expect(three).toEqual({
      EVENT_STORE_URL: `${one!.EVENT_STORE_URL},10.10.0.3:2113,10.10.0.4:2113`,
      NATS_URL: `${one!.NATS_URL},10.10.0.3:4222,10.10.0.4:4222`,
    })
    expect(settingsOf(path, 'node-2')).toMatchObject({
      EVENTSTORE_CLUSTER_SIZE: '3',
      EVENTSTORE_GOSSIP_SEED: '10.10.0.2:2113,10.10.0.4:2113',
      EVENTSTORE_NODE_IP: '10.10.0.3',
    })
  })

  test('with URLs and an authority that the service takes, and certificates that hold', () => {
    const path = temporary()
    makeNodes(path, ...THREE)
    const pem = readFileSync(join(path, 'ca.crt'), 'utf8')
    const config = readConfig({ ...parseEnv(readFileSync(join(path, 'urls.env'), 'utf8')), TLS_CA: pem })
    expect(config).toMatchObject({
      eventStoreUrl: expect.stringMatching(/^esdb\+discover:\/\/admin:[0-9a-f]{48}@/),
      natsUrl: expect.stringMatching(/^tls:\/\/taxbudget:[0-9a-f]{48}@/),
    })
    const authority = new X509Certificate(pem)
    expect(authority.ca).toBe(true)
    for (const each of THREE) {
      const [name = '', address = ''] = each.split('=')
      const secrets = join(path, name, 'secrets')
      const certificate = new X509Certificate(readFileSync(join(secrets, 'node.crt')))
      expect(certificate.verify(authority.publicKey)).toBe(true)
      expect(certificate.checkIP(address)).toBe(address)
      expect(certificate.subject).toBe('CN=eventstoredb-node')
      for (const file of ['node.key', 'users.conf', 'node.env'])
        expect(statSync(join(secrets, file)).mode & 0o077, file).toBe(0)
    }
    expect(statSync(join(path, 'ca.key')).mode & 0o077).toBe(0)
  })

  test.each([
    [[]],
    [['node-1=10.10.0.2', 'node-2=10.10.0.3']],
    [['node-1=10.10.0.2', 'node-2=10.10.0.2', 'node-3=10.10.0.4']],
    [['node-1=there']],
  ])('not for %j: it says why', (nodes) => {
    const { status, stderr } = makeNodes(temporary(), ...nodes)
    expect(status).toBe(2)
    expect(stderr).toMatch(/One node, or three|same name or address|is not a node/)
  })
})

describe('cloud-init', () => {
  const text = read('cloud-init.yaml')
  const config = parse(text) as {
    packages: string[]
    ssh_pwauth: boolean
    fs_setup: { overwrite: boolean; label: string }[]
    mounts: string[][]
    write_files: { path: string; content: string; permissions: string }[]
    runcmd: string[][]
  }
  const file = (path: string) => config.write_files.find((each) => each.path === path)!.content

  test('is cloud-config, of keys that cloud-init knows', () => {
    expect(text).toMatch(/^#cloud-config\n/)
    const known =
      'package_update package_upgrade packages ssh_pwauth disable_root fs_setup mounts write_files runcmd'.split(
        ' ',
      )
    expect(Object.keys(config).sort()).toEqual(known.sort())
    for (const { path, permissions } of config.write_files) {
      expect(path).toMatch(/^\/etc\//)
      expect(permissions).toMatch(/^0[0-7]{3}$/)
    }
    for (const line of config.runcmd) for (const word of line) expect(typeof word).toBe('string')
  })

  test('lets nothing in but from the VPC, to the ports that there are', () => {
    const rules = file('/etc/nftables.conf')
    expect(rules).toMatch(/define vpc = 10\.10\.0\.0\/20\n/)
    const policies = [...rules.matchAll(/hook (\w+) .*policy (\w+);/g)].map(([, hook, policy]) => [
      hook,
      policy,
    ])
    expect(policies).toEqual([
      ['input', 'drop'],
      ['forward', 'drop'],
    ])
    const input = /chain input \{([\s\S]*?)\n {2}\}/.exec(rules)![1]!
    const accepting = input
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('accept') && !line.startsWith('#'))
    expect(accepting).toEqual([
      'ct state vmap { established : accept, related : accept, invalid : drop }',
      'iif lo accept',
      'ip saddr $vpc icmp type echo-request accept',
      'meta l4proto ipv6-icmp accept',
      `ip saddr $vpc tcp dport { ${Object.values(PORTS).join(', ')} } accept`,
    ])
    expect(config.ssh_pwauth).toBe(false)
    expect(config.runcmd).toContainEqual(['systemctl', 'enable', '--now', 'nftables'])
    // Docker's own rules would open what ours close.
    expect(JSON.parse(file('/etc/docker/daemon.json'))).toMatchObject({ iptables: false, ip6tables: false })
  })

  test('mounts the volume where the data is, never formats it twice, and copies the log every night', () => {
    expect(config.fs_setup).toMatchObject([{ label: 'taxbudget', overwrite: false }])
    expect(config.mounts.map((words) => words.slice(0, 2))).toEqual([['LABEL=taxbudget', '/mnt/taxbudget']])
    expect(file('/etc/systemd/system/taxbudget-backup.timer')).toContain('OnCalendar=')
    expect(file('/etc/systemd/system/taxbudget-backup.service')).toContain(
      'ExecStart=/opt/taxbudget/backup.sh /mnt/taxbudget/eventstore /mnt/taxbudget/backups 7',
    )
    const made = config.runcmd.filter(([program]) => program === 'install').flat()
    const mounted = [...read('compose.yaml').matchAll(/- (\/mnt\/\S+?):/g)].map(([, path]) => path)
    expect(made).toEqual(expect.arrayContaining(mounted))
  })
})

describe('backup.sh', () => {
  const backup = (data: string, backups: string, keep: string) =>
    execFileSync('bash', [join(folder, 'backup.sh'), data, backups, keep], { encoding: 'utf8' }).trim()

  function database(): string {
    const data = temporary()
    mkdirSync(join(data, 'index', 'stream-existence'), { recursive: true })
    const files = {
      'chaser.chk': '12345678',
      'writer.chk': '12345699',
      'chunk-000000.000000': 'the first',
      'chunk-000001.000000': 'the second',
      'index/indexmap': 'map',
      'index/stream-existence/filter.chk': '9',
    }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(data, name), content)
    return data
  }

  test('copies everything, and says where a started copy is to be cut off', () => {
    const copy = backup(database(), temporary(), '3')
    const copied = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
    expect(copied.map(({ name }) => name).sort()).toEqual([
      'chaser.chk',
      'chunk-000000.000000',
      'chunk-000001.000000',
      'filter.chk',
      'indexmap',
      'truncate.chk',
      'writer.chk',
    ])
    expect(readFileSync(join(copy, 'truncate.chk'), 'utf8')).toBe('12345678')
  })

  test('copies checkpoints before what they point into', () => {
    const script = read('backup.sh')
    const [first, second, third] = [...script.matchAll(/^find \. .*$/gm)].map(([line]) => line)
    expect([first, second, third].map((line) => /\.chk' -exec|index\/|prune/.exec(line!)?.[0])).toEqual([
      ".chk' -exec",
      'index/',
      'prune',
    ])
  })

  test('keeps the newest, and no copy that was cut short', () => {
    const [data, backups] = [database(), temporary()]
    for (const name of [
      '20260101T000000Z',
      '20260102T000000Z',
      '20260103T000000Z',
      '20260104T000000Z.part',
    ]) {
      mkdirSync(join(backups, name))
      utimesSync(join(backups, name), 0, 0)
    }
    const copy = backup(data, backups, '2')
    expect(readdirSync(backups).sort()).toEqual(['20260103T000000Z', copy.split('/').at(-1)])
  })

  test('given no data, then it fails and leaves what there was', () => {
    const backups = temporary()
    mkdirSync(join(backups, '20260101T000000Z'))
    const args = [join(folder, 'backup.sh'), join(backups, 'nowhere'), backups, '1']
    expect(spawnSync('bash', args).status).not.toBe(0)
    expect(readdirSync(backups)).toContain('20260101T000000Z')
  })
})
