/** The server's answers, made of the message types that the client package brings along. */
import shared from '@eventstore/db-client/generated/shared_pb.js'
import status from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import type { Appended, Expected, ProposedEvent, StoredEvent } from './store.ts'

const text = (bytes: Uint8Array | string): string => Buffer.from(bytes as Uint8Array).toString('utf8')

export const streamNameOf = (options: {
  getStreamIdentifier(): shared.StreamIdentifier | undefined
}): string => text(options.getStreamIdentifier()!.getStreamName_asU8())

function identifier(stream: string): shared.StreamIdentifier {
  const message = new shared.StreamIdentifier()
  message.setStreamName(Buffer.from(stream, 'utf8'))
  return message
}

/** @throws {Error} when the id is no UUID, as the server does */
export function proposedEvent(
  message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage,
): ProposedEvent {
  const id = message.getId()!.getString().toLowerCase()
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Error(`Unrecognized Guid format: ${id}`)
  const type = message.getMetadataMap().get('type')
  const contentType = message.getMetadataMap().get('content-type')
  if (type === undefined || contentType === undefined)
    throw new Error('Required Metadata Property is missing')
  return {
    id,
    type,
    contentType,
    data: message.getData_asU8(),
    customMetadata: message.getCustomMetadata_asU8(),
  }
}

export function expectedOf(
  options: streams.AppendReq.Options | streams.BatchAppendReq.Options,
  revision: string,
): Expected {
  if (options.hasAny()) return 'any'
  if (options.hasStreamExists()) return 'stream exists'
  return options.hasNoStream() ? 'no stream' : Number(revision)
}

export function appendResponse(appended: Appended, expected: Expected): streams.AppendResp {
  const response = new streams.AppendResp()
  if ('current' in appended) {
    const wrong = new streams.AppendResp.WrongExpectedVersion()
    if (appended.current < 0) wrong.setCurrentNoStream(new shared.Empty())
    else wrong.setCurrentRevision(String(appended.current))
    if (expected === 'no stream') wrong.setExpectedNoStream(new shared.Empty())
    else if (expected === 'stream exists') wrong.setExpectedStreamExists(new shared.Empty())
    else wrong.setExpectedRevision(String(expected))
    return response.setWrongExpectedVersion(wrong)
  }
  const position = new streams.AppendResp.Position()
  position.setCommitPosition(String(appended.position))
  position.setPreparePosition(String(appended.position))
  const success = new streams.AppendResp.Success()
  success.setCurrentRevision(String(appended.revision))
  success.setPosition(position)
  return response.setSuccess(success)
}

export function batchResponse(
  correlation: shared.UUID,
  stream: string,
  appended: Appended,
  expected: Expected,
): streams.BatchAppendResp {
  const response = new streams.BatchAppendResp()
  response.setCorrelationId(correlation)
  response.setStreamIdentifier(identifier(stream))
  if ('current' in appended) return response.setError(wrongExpectedVersion(appended.current, expected))
  const position = new shared.AllStreamPosition()
  position.setCommitPosition(String(appended.position))
  position.setPreparePosition(String(appended.position))
  const success = new streams.BatchAppendResp.Success()
  success.setCurrentRevision(String(appended.revision))
  success.setPosition(position)
  return response.setSuccess(success)
}

export function badBatchRequest(
  correlation: shared.UUID,
  stream: string,
  message: string,
): streams.BatchAppendResp {
  const details = new shared.BadRequest()
  details.setMessage(message)
  const response = new streams.BatchAppendResp()
  response.setCorrelationId(correlation)
  response.setStreamIdentifier(identifier(stream))
  return response.setError(statusWith('event_store.client.BadRequest', details, 3, message))
}

function wrongExpectedVersion(current: number, expected: Expected): status.Status {
  const details = new shared.WrongExpectedVersion()
  if (current < 0) details.setCurrentNoStream(new empty.Empty())
  else details.setCurrentStreamRevision(String(current))
  if (expected === 'no stream') details.setExpectedNoStream(new empty.Empty())
  else if (expected === 'stream exists') details.setExpectedStreamExists(new empty.Empty())
  else details.setExpectedStreamPosition(String(expected))
  return statusWith('event_store.client.WrongExpectedVersion', details, 6, 'WrongExpectedVersion')
}

function statusWith(
  name: string,
  details: { serializeBinary(): Uint8Array },
  code: number,
  message: string,
): status.Status {
  const packed = new any.Any()
  packed.pack(details.serializeBinary(), name)
  const result = new status.Status()
  result.setCode(code as never)
  result.setMessage(message)
  result.setDetails(packed)
  return result
}

export function readEvent(event: StoredEvent): streams.ReadResp {
  const id = new shared.UUID()
  id.setString(event.id)
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
  recorded.setId(id)
  recorded.setStreamIdentifier(identifier(event.stream))
  recorded.setStreamRevision(String(event.revision))
  recorded.setCommitPosition(String(event.position))
  recorded.setPreparePosition(String(event.position))
  recorded.getMetadataMap().set('type', event.type)
  recorded.getMetadataMap().set('content-type', event.contentType)
  // In .NET's ticks of 100 ns.
  recorded.getMetadataMap().set('created', String(BigInt(event.created) * 10_000n))
  recorded.setCustomMetadata(event.customMetadata)
  recorded.setData(event.data)
  const read = new streams.ReadResp.ReadEvent()
  read.setEvent(recorded)
  read.setCommitPosition(String(event.position))
  return new streams.ReadResp().setEvent(read)
}

export function streamNotFound(stream: string): streams.ReadResp {
  const message = new streams.ReadResp.StreamNotFound()
  message.setStreamIdentifier(identifier(stream))
  return new streams.ReadResp().setStreamNotFound(message)
}

export function confirmation(subscription: string): streams.ReadResp {
  const message = new streams.ReadResp.SubscriptionConfirmation()
  message.setSubscriptionId(subscription)
  return new streams.ReadResp().setConfirmation(message)
}

export function checkpoint(commit: bigint, prepare: bigint): streams.ReadResp {
  const message = new streams.ReadResp.Checkpoint()
  message.setCommitPosition(String(commit))
  message.setPreparePosition(String(prepare))
  return new streams.ReadResp().setCheckpoint(message)
}

export const caughtUp = (): streams.ReadResp =>
  new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp())

/** An error as EventStoreDB reports it: a status, and in the trailers which of its exceptions it is. */
export function failure(
  code: grpcStatus,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): Partial<ServiceError> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return Object.assign(new Error(details), { code, details, metadata })
}
