/** Reading a stream or $all, and subscriptions, with the semantics of EventStoreDB. */
import { randomUUID } from 'node:crypto'
import type streams from '@eventstore/db-client/generated/streams_pb.js'
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import {
  caughtUp,
  checkpoint,
  confirmation,
  failure,
  readEvent,
  streamNameOf,
  streamNotFound,
} from './messages.ts'
import type { Store, StoredEvent } from './store.ts'

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>

const BACKWARDS = 1
/** Events that a filter looks at in one step when the client does not say. */
const READ_BATCH = 32

/** Answers one Read call; a subscription's ends when the client hangs up. */
export async function answerRead(store: Store, call: ReadCall): Promise<void> {
  const options = call.request.getOptions()!
  if (options.hasSubscription()) return await subscribe(store, call, options)
  const events = options.hasStream() ? readStream(store, options) : readAll(store, options)
  if (!events) await send(call, streamNotFound(streamNameOf(options.getStream()!)))
  for (const event of events ?? []) {
    if (call.cancelled) return
    await send(call, readEvent(event))
  }
  call.end()
}

/** Undefined if there is no such stream. */
function readStream(store: Store, options: streams.ReadReq.Options): readonly StoredEvent[] | undefined {
  const from = options.getStream()!
  const events = store.stream(streamNameOf(from))
  if (events.length === 0) return undefined
  const count = Number(options.getCount())
  if (options.getReadDirection() !== BACKWARDS) {
    const first = from.hasRevision() ? Number(from.getRevision()) : from.hasEnd() ? events.length : 0
    return events.slice(first, first + count)
  }
  const last = from.hasRevision() ? Number(from.getRevision()) : from.hasStart() ? 0 : events.length - 1
  return events.slice(Math.max(0, last + 1 - count), last + 1).reverse()
}

/** Forwards the event at the position is the first; backwards it is left out. */
function readAll(store: Store, options: streams.ReadReq.Options): readonly StoredEvent[] {
  const from = options.getAll()!
  const wanted = matcher(options)
  const count = Number(options.getCount())
  if (options.getReadDirection() !== BACKWARDS) {
    const first = from.hasPosition() ? store.indexAfter(positionOf(store, from) - 1n) : 0
    return (from.hasEnd() ? [] : store.events.slice(first)).filter(wanted).slice(0, count)
  }
  const end = from.hasPosition() ? store.indexAfter(positionOf(store, from) - 1n) : store.events.length
  return (from.hasStart() ? [] : store.events.slice(0, end)).filter(wanted).reverse().slice(0, count)
}

async function subscribe(store: Store, call: ReadCall, options: streams.ReadReq.Options): Promise<void> {
  if (!options.hasAll()) throw failure(status.UNIMPLEMENTED, 'subscriptions to one stream')
  const from = options.getAll()!
  const isSeen = seenAt(store, from)
  let next = from.hasPosition() ? store.indexAfter(positionOf(store, from) - 1n) : 0
  if (from.hasEnd()) next = store.events.length
  const wanted = matcher(options)
  const filter = options.getFilter()
  const window = filter?.hasMax() ? filter.getMax() : READ_BATCH
  const interval = window * Math.max(1, filter?.getCheckpointintervalmultiplier() ?? 1)
  await send(call, confirmation(randomUUID()))
  const growth = waiter(store, call)
  let [searched, live] = [0, false]
  while (!call.cancelled) {
    for (; next < store.events.length && !call.cancelled; next++) {
      const event = store.events[next]!
      if (wanted(event) && !isSeen(event)) await send(call, readEvent(event))
      if (filter && ++searched % interval === 0) await send(call, checkpoint(event.position, event.position))
    }
    if (!live) {
      // As the server tells the end: where the next event will stand, and yet before it.
      if (filter) await send(call, checkpoint(store.end, 0n))
      await send(call, caughtUp())
    }
    live = true
    await growth.next(() => next < store.events.length)
  }
  growth.stop()
}

/** Waits until the store has grown or the client is gone. */
function waiter(store: Store, call: ReadCall) {
  let wake = () => {}
  const stop = store.onWrite(() => wake())
  call.on('cancelled', () => wake())
  const next = (ready: () => boolean) =>
    new Promise<void>((resolve) => {
      if (ready() || call.cancelled) resolve()
      else wake = resolve
    })
  return { next, stop }
}

/** An event stands at the pair of its position and its position; a subscription shows what is behind the pair it is given. */
function seenAt(store: Store, from: streams.ReadReq.Options.AllOptions): (event: StoredEvent) => boolean {
  if (!from.hasPosition()) return () => false
  const commit = positionOf(store, from)
  const prepare = BigInt(from.getPosition()!.getPreparePosition())
  return ({ position }) => position < commit || (position === commit && position <= prepare)
}

function positionOf(store: Store, options: streams.ReadReq.Options.AllOptions): bigint {
  const position = BigInt(options.getPosition()!.getCommitPosition())
  if (!store.isPosition(position)) throw failure(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition')
  return position
}

function matcher(options: streams.ReadReq.Options): (event: StoredEvent) => boolean {
  const filter = options.getFilter()
  if (!filter) return () => true
  const expression = filter.getStreamIdentifier() ?? filter.getEventType()!
  const subject = (event: StoredEvent) => (filter.hasStreamIdentifier() ? event.stream : event.type)
  const regex = expression.getRegex()
  if (regex !== '') return (event) => new RegExp(regex).test(subject(event))
  const prefixes = expression.getPrefixList()
  return (event) => prefixes.some((prefix) => subject(event).startsWith(prefix))
}

/** Waits for a slow client. */
async function send(call: ReadCall, message: streams.ReadResp): Promise<void> {
  if (call.cancelled || call.write(message)) return
  await new Promise<void>((resolve) => {
    const goOn = () => {
      call.off('drain', goOn).off('cancelled', goOn)
      resolve()
    }
    call.on('drain', goOn).on('cancelled', goOn)
  })
}
