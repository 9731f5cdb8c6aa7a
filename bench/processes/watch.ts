/**
 * Opens many sockets that watch a poll, says so, then submits at a steady rate and tells how long it took until the
 * message that holds a submission was there, over all sockets. One process, so that there is one clock.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

export interface WatchRound {
  /** Milliseconds from sending a submission to its message. */
  readonly median: number
  readonly p99: number
  readonly worst: number
  /** Of the submissions, until they were answered: no message can be there sooner. */
  readonly answered: number
  /** From the first socket that had it, 99 % of all sockets and submissions. */
  readonly spread: number
  /** Messages of the whole round, over all sockets. */
  readonly messages: number
}

const { URL_OF_API: api, SOCKETS, ROUNDS, SECONDS, PER_SECOND, BODY } = process.env
const [sockets, rounds, seconds, perSecond] = [SOCKETS, ROUNDS, SECONDS, PER_SECOND].map(Number) as [
  number,
  number,
  number,
  number,
]
/** Connections that are being opened at once: more would wait in the kernel's queue. */
const OPENING = 100
const PATIENCE_MS = 10_000

interface Heard {
  readonly position: bigint
  readonly at: number
}

/** What each socket heard in this round. */
const heard: Heard[][] = []

function open(): Promise<void> {
  const socket = new WebSocket(`${api!.replace(/^http/, 'ws')}/live`, { perMessageDeflate: false })
  const list: Heard[] = []
  heard.push(list)
  socket.on('message', (data: Buffer) => {
    // All of it would be parsed by as many browsers, not by one process.
    const position = /"position":"(\d+)"/.exec(data.toString('latin1', 0, 120))![1]!
    list.push({ position: BigInt(position), at: performance.now() })
  })
  return new Promise((resolve, reject) => {
    socket.once('message', () => resolve())
    socket.once('error', reject)
    socket.once('close', (code) => {
      console.error(`a socket was closed with ${code}`)
      process.exit(1)
    })
  })
}

/** When it was sent, and how long the answer took. */
async function submit(): Promise<Heard & { readonly answered: number }> {
  const at = performance.now()
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${api}/submissions`, { method: 'POST', headers, body: BODY! })
  if (response.status !== 201) throw new Error(`a submission was answered with ${response.status}`)
  const { position } = (await response.json()) as { position: string }
  return { position: BigInt(position), at, answered: performance.now() - at }
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]!

async function round(): Promise<WatchRound> {
  for (const list of heard) list.length = 0
  const submitted: ReturnType<typeof submit>[] = []
  const started = performance.now()
  while (submitted.length < perSecond * seconds) {
    submitted.push(submit())
    await sleep(Math.max(0, started + (submitted.length * 1000) / perSecond - performance.now()))
  }
  const all = await Promise.all(submitted)
  const last = all
    .map(({ position }) => position)
    .sort((a, b) => Number(a - b))
    .at(-1)!
  const deadline = performance.now() + PATIENCE_MS
  while (!heard.every((list) => (list.at(-1)?.position ?? 0n) >= last)) {
    if (performance.now() > deadline) throw new Error(`not every socket heard of position ${last}`)
    await sleep(20)
  }
  // One row for each submission: when each socket had it.
  const reached = all.map(({ position, at }) => ({
    at,
    times: heard.map((list) => list.find((each) => each.position >= position)!.at),
  }))
  const waits = reached.flatMap(({ at, times }) => times.map((time) => time - at))
  const behind = reached.flatMap(({ times }) => {
    const first = Math.min(...times)
    return times.map((time) => time - first)
  })
  return {
    median: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    worst: quantile(waits, 1),
    answered: quantile(
      all.map(({ answered }) => answered),
      0.99,
    ),
    spread: quantile(behind, 0.99),
    messages: heard.reduce((sum, { length }) => sum + length, 0),
  }
}

for (let opened = 0; opened < sockets; opened += OPENING)
  await Promise.all(Array.from({ length: Math.min(OPENING, sockets - opened) }, open))
console.log('open')
process.once('SIGTERM', () => process.exit(0))
// Whoever started this looks at the server first.
await new Promise((resolve) => process.once('SIGUSR2', resolve))
await round()
const results: WatchRound[] = []
for (let i = 0; i < rounds; i++) results.push(await round())
console.log(`rounds ${JSON.stringify(results)}`)
await new Promise((resolve) => setTimeout(resolve, 3_600_000))
