/**
 * Makes what each droplet needs and nobody else may see: certificates of an authority of one's own, passwords, settings.
 * Called again with more nodes, it keeps authority and passwords, and makes every node's files anew.
 *
 *   npx node infra/droplet/nodes.ts FOLDER node-1=10.10.0.2 [node-2=10.10.0.3 node-3=10.10.0.4]
 */
import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const AUTHORITY = 'CN=taxbudget droplets'
/** What EventStoreDB's nodes know each other by. */
const NODE = 'CN=eventstoredb-node'
const A_YEAR_MS = 365 * 86_400_000

interface Node {
  readonly name: string
  readonly address: string
}

interface Passwords {
  readonly admin: string
  readonly ops: string
  readonly nats: string
}

const usage =
  'usage: npx node infra/droplet/nodes.ts FOLDER node-1=10.10.0.2 [node-2=10.10.0.3 node-3=10.10.0.4]'

function readArguments([folder, ...rest]: readonly string[]): { folder: string; nodes: Node[] } {
  const nodes = rest.map((each) => {
    const [, name = '', address = ''] = /^([a-z][a-z0-9-]*)=([\d.]+)$/.exec(each) ?? []
    if (!isIPv4(address)) fail(`"${each}" is not a node: write node-1=10.10.0.2. ${usage}`)
    return { name, address }
  })
  // Of two, neither could go on without the other: they would survive less than one.
  if (folder === undefined || (nodes.length !== 1 && nodes.length !== 3))
    return fail(`One node, or three. ${usage}`)
  if (new Set(nodes.flatMap(({ name, address }) => [name, address])).size < 2 * nodes.length)
    fail('Two nodes have the same name or address.')
  return { folder, nodes }
}

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}

const writeSecret = (path: string, text: string, mode = 0o600) => writeFileSync(path, text, { mode })

/** PKCS #1, as EventStoreDB's own tool writes it. */
async function pemOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return key.export({ type: 'pkcs1', format: 'pem' }).toString()
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
const serialNumber = () => `01${randomBytes(15).toString('hex')}`
const pem = (certificate: X509Certificate) => `${certificate.toString('pem')}\n`

interface Authority {
  readonly certificate: string
  readonly key: webcrypto.CryptoKey
}

async function authorityIn(folder: string): Promise<Authority> {
  const [certificateFile, keyFile] = [join(folder, 'ca.crt'), join(folder, 'ca.key')]
  if (!existsSync(keyFile)) {
    const keys = await newKeys()
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: AUTHORITY,
      keys,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 10 * A_YEAR_MS),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    })
    writeSecret(keyFile, await pemOf(keys))
    writeFileSync(certificateFile, pem(certificate))
  }
  const der = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' })
  const key = await webcrypto.subtle.importKey('pkcs8', new Uint8Array(der), ALGORITHM, false, ['sign'])
  return { certificate: readFileSync(certificateFile, 'utf8'), key }
}

async function issue(
  authority: Authority,
  { name, address }: Node,
): Promise<{ key: string; certificate: string }> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: NODE,
    issuer: new X509Certificate(authority.certificate).subject,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 2 * A_YEAR_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'ip', value: address },
        { type: 'dns', value: name },
      ]),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      // To each other they are servers and clients.
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  })
  return { key: await pemOf(keys), certificate: pem(certificate) }
}

function passwordsIn(folder: string): Passwords {
  const file = join(folder, 'passwords.json')
  const password = () => randomBytes(24).toString('hex')
  if (!existsSync(file))
    writeSecret(file, JSON.stringify({ admin: password(), ops: password(), nats: password() }))
  return JSON.parse(readFileSync(file, 'utf8'))
}

function environmentOf(node: Node, nodes: readonly Node[], { admin, ops }: Passwords): string {
  const others = nodes.filter(({ address }) => address !== node.address)
  return [
    `NODE_NAME=${node.name}`,
    `NODE_ADDRESS=${node.address}`,
    `EVENTSTORE_NODE_IP=${node.address}`,
    `EVENTSTORE_REPLICATION_IP=${node.address}`,
    `EVENTSTORE_NODE_HOST_ADVERTISE_AS=${node.address}`,
    `EVENTSTORE_CLUSTER_SIZE=${nodes.length}`,
    ...(others.length > 0
      ? [
          'EVENTSTORE_DISCOVER_VIA_DNS=false',
          `EVENTSTORE_GOSSIP_SEED=${others.map(({ address }) => `${address}:2113`).join(',')}`,
        ]
      : []),
    // Only the first start of an empty database takes them.
    `EVENTSTORE_DEFAULT_ADMIN_PASSWORD=${admin}`,
    `EVENTSTORE_DEFAULT_OPS_PASSWORD=${ops}`,
    '',
  ].join('\n')
}

const usersOf = ({ nats }: Passwords) =>
  `authorization { user: taxbudget, password: "${nats}", timeout: 5 }\n`

const routesOf = (nodes: readonly Node[]) =>
  `routes: [${nodes.map(({ address }) => `"nats-route://${address}:6222"`).join(', ')}]\n`

async function main(): Promise<void> {
  const { folder, nodes } = readArguments(process.argv.slice(2))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [authority, passwords] = [await authorityIn(folder), passwordsIn(folder)]
  for (const node of nodes) {
    const own = join(folder, node.name)
    mkdirSync(join(own, 'secrets', 'authorities'), { recursive: true, mode: 0o700 })
    const { key, certificate } = await issue(authority, node)
    const secret = (name: string, text: string) => writeSecret(join(own, 'secrets', name), text)
    secret('node.key', key)
    secret('node.crt', certificate)
    secret(join('authorities', 'ca.crt'), authority.certificate)
    secret('users.conf', usersOf(passwords))
    secret('routes.conf', routesOf(nodes))
    secret('node.env', environmentOf(node, nodes, passwords))
    // Compose reads it by itself, beside the compose file.
    writeFileSync(
      join(own, '.env'),
      `NATS_CONFIG=${nodes.length > 1 ? 'nats-cluster.conf' : 'nats-server.conf'}\n`,
    )
  }
  const at = (port: number) => nodes.map(({ address }) => `${address}:${port}`).join(',')
  const urls = [
    `EVENT_STORE_URL=esdb+discover://admin:${passwords.admin}@${at(2113)}`,
    `NATS_URL=tls://taxbudget:${passwords.nats}@${at(4222)}`,
  ]
  writeSecret(join(folder, 'urls.env'), `${urls.join('\n')}\n`)
  console.log(
    `Written to ${folder}: a folder for each node; urls.env and ca.crt (TLS_CA) are for the service.`,
  )
}

await main()
