/** Append and BatchAppend, with the semantics of EventStoreDB. */
import type streams from '@eventstore/db-client/generated/streams_pb.js'
import { type ServerDuplexStream, type ServerReadableStream, status } from '@grpc/grpc-js'
import {
  appendResponse,
  badBatchRequest,
  batchResponse,
  expectedOf,
  failure,
  proposedEvent,
  streamNameOf,
} from './messages.ts'
import type { ProposedEvent, Store } from './store.ts'

/** One append: its options come first, then its events. */
export async function answerAppend(
  store: Store,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
): Promise<streams.AppendResp> {
  let options: streams.AppendReq.Options | undefined
  const events: ProposedEvent[] = []
  for await (const message of call as AsyncIterable<streams.AppendReq>) {
    if (message.hasOptions()) options = message.getOptions()!
    else events.push(checked(message.getProposedMessage()!))
  }
  // A client that is killed half-way ends the call, too: what has come so far is not what it wanted.
  if (call.cancelled) throw failure(status.CANCELLED, 'the call was cancelled')
  if (!options || events.length === 0) throw failure(status.UNKNOWN, 'Exception was thrown by handler.')
  const expected = expectedOf(options, options.getRevision())
  return appendResponse(await store.append(streamNameOf(options), expected, events), expected)
}

function checked(message: streams.AppendReq.ProposedMessage): ProposedEvent {
  try {
    return proposedEvent(message)
  } catch (error) {
    throw failure(status.UNKNOWN, `Exception was thrown by handler. ${(error as Error).message}`)
  }
}

interface Batch {
  readonly options: streams.BatchAppendReq.Options
  readonly messages: streams.BatchAppendReq.ProposedMessage[]
}

export type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>

/** Many appends over one call: the parts of each carry its correlation id, and so does the answer. */
export function answerBatchAppend(store: Store, call: BatchCall, refuse: () => Error | undefined): void {
  const batches = new Map<string, Batch>()
  call.on('data', (request: streams.BatchAppendReq) => {
    const refusal = refuse()
    if (refusal) return void call.emit('error', refusal)
    const id = request.getCorrelationId()!.getString()
    if (request.hasOptions()) batches.set(id, { options: request.getOptions()!, messages: [] })
    const batch = batches.get(id)
    batch?.messages.push(...request.getProposedMessagesList())
    if (!batch || !request.getIsFinal()) return
    batches.delete(id)
    void appendBatch(store, call, request, batch)
  })
  call.on('end', () => call.end())
  call.on('error', () => {})
}

async function appendBatch(
  store: Store,
  call: BatchCall,
  request: streams.BatchAppendReq,
  { options, messages }: Batch,
): Promise<void> {
  const [correlation, stream] = [request.getCorrelationId()!, streamNameOf(options)]
  const expected = expectedOf(options, options.getStreamPosition())
  try {
    const appended = await store.append(stream, expected, messages.map(proposedEvent))
    call.write(batchResponse(correlation, stream, appended, expected))
  } catch (error) {
    call.write(badBatchRequest(correlation, stream, (error as Error).message))
  }
}
