import { randomUUID } from 'node:crypto'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import services from '@eventstore/db-client/generated/streams_grpc_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { credentials } from '@grpc/grpc-js'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { TestServer } from './test-server.ts'

/** The first message of an append to stream s, which must not exist. */
function options(): streams.AppendReq {
  const { AppendReq } = streams
  const stream = new shared.StreamIdentifier()
  stream.setStreamName(Buffer.from('s'))
  const options = new AppendReq.Options()
  options.setStreamIdentifier(stream)
  options.setNoStream(new shared.Empty())
  const request = new AppendReq()
  request.setOptions(options)
  return request
}

/** One of its events. */
function event(): streams.AppendReq {
  const { AppendReq } = streams
  const id = new shared.UUID()
  id.setString(randomUUID())
  const message = new AppendReq.ProposedMessage()
  message.setId(id)
  message.getMetadataMap().set('type', 'Tested').set('content-type', 'application/json')
  message.setData(Buffer.from('{}'))
  const request = new AppendReq()
  request.setProposedMessage(message)
  return request
}

it('of an append whose client is killed before it has sent all, nothing is written', async () => {
  const server = await TestServer.start()
  const client = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure())
  onTestFinished(async () => {
    client.close()
    await server.close()
  })
  const end = server.store.end
  const call = client.append(() => {})
  call.on('error', () => {})
  call.write(options())
  call.write(event())
  await eventually(() => expect(server.calls.append).toBe(1))
  server.cut()
  await eventually(() => expect(server.connections).toBe(0))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(server.store.end).toBe(end)
  expect(server.store.stream('s')).toEqual([])
})
