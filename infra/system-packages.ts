/**
 * Run before the tests: is there what they need besides npm's packages? As root on Debian, what is missing is
 * installed; otherwise it is named.
 */
import { execFileSync } from 'node:child_process'
import { findChromium } from './chromium.ts'
import { findProgram } from './programs.ts'

interface Need {
  readonly debianPackage: string
  readonly why: string
  readonly isThere: () => boolean
}

const isRoot = process.getuid?.() === 0
const isInstalled = (name: string) => findProgram(name) !== undefined

const needs: readonly Need[] = [
  {
    debianPackage: 'chromium',
    why: 'the browser tests open the pages in it',
    isThere: () => findChromium() !== undefined,
  },
  {
    debianPackage: 'redis-server',
    why: 'the snapshot store is tested on a real one',
    isThere: () => isInstalled('redis-server'),
  },
  {
    debianPackage: 'nats-server',
    why: 'the bus is tested on a real one',
    isThere: () => isInstalled('nats-server'),
  },
  {
    debianPackage: 'nginx-light',
    why: 'processes are replaced one after the other behind a real one',
    isThere: () => isInstalled('nginx'),
  },
]

const missing = () => needs.filter((need) => !need.isThere())

/** Quiet unless it fails. */
function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['-q', '-y', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer }
    fail(`apt-get ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? error}`)
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

if (Number(process.versions.node.split('.')[0]) < 24)
  fail(`Node ${process.version} is too old: 24 is needed. "npm install" brings it, "npm test" then uses it.`)

if (missing().length > 0 && isRoot && isInstalled('apt-get')) {
  const packages = missing().map(({ debianPackage }) => debianPackage)
  console.error(`Installing from Debian: ${packages.join(', ')}`)
  aptGet('update')
  aptGet('install', '--no-install-recommends', ...packages)
}

const absent = missing()
if (absent.length > 0) {
  const lines = absent.map(({ debianPackage, why }) => `  ${debianPackage}: ${why}`)
  const packages = absent.map(({ debianPackage }) => debianPackage).join(' ')
  fail(`The tests need, and do not find:\n${lines.join('\n')}\nOn Debian: sudo apt-get install ${packages}`)
}
