/**
 * An EventStoreDB for tests: gRPC in front of a `Store`, made from the service definitions that the client package
 * brings along, with faults on demand. It follows the server's own sources, not what its tests find convenient.
 */
import { once } from 'node:events'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type streams from '@eventstore/db-client/generated/streams_pb.js'
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  type ServerReadableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { answerAppend, answerBatchAppend, type BatchCall } from './appends.ts'
import { failure } from './messages.ts'
import { answerRead, type ReadCall } from './reads.ts'
import { Store } from './store.ts'

export interface TestServerOptions {
  readonly store?: Store
  /** 0: any free one. */
  readonly port?: number
  /** PEM; without it the server speaks plain text. */
  readonly tls?: { readonly key: string; readonly certificate: string }
  /** Without them everybody may do everything. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

type AnyCall = { readonly metadata: ReadCall['metadata'] }

export class TestServer {
  readonly store: Store
  /** The other node that leads; undefined: this one does. */
  leader: TestServer | undefined
  /** Every call is refused: Server Is Not Ready. */
  unavailable = false
  /** It cannot say which version it is, as none could before 21.10. */
  old = false
  /** So many appends are carried out without the client's hearing of it: its connection is cut instead. */
  lostAnswers = 0
  /** Calls that have come, by name. */
  readonly calls: Record<string, number> = {}
  /** Reads and subscriptions that have not ended yet. */
  openReads = 0
  /** Where subscriptions wanted to start, commit positions; undefined: at the start. */
  readonly subscribedFrom: (bigint | undefined)[] = []
  readonly #options: TestServerOptions
  readonly #grpc = new Server()
  readonly #injector: ConnectionInjector
  readonly #sockets = new Set<Socket>()
  #listener: NetServer | undefined
  #port: number
  #silent = false

  private constructor(options: TestServerOptions) {
    this.#options = options
    this.#port = options.port ?? 0
    this.store = options.store ?? new Store()
    this.#grpc.addService(streamServices.StreamsService, {
      read: (call: ReadCall) => this.#read(call),
      append: (
        call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
        done: sendUnaryData<streams.AppendResp>,
      ) => this.#append(call, done),
      batchAppend: (call: BatchCall) => this.#batchAppend(call),
    } as never)
    this.#grpc.addService(featureServices.ServerFeaturesService, {
      getSupportedMethods: (call: AnyCall, done: sendUnaryData<features.SupportedMethods>) =>
        this.#refusal('features', call)
          ? done(this.#notReady())
          : this.old
            ? done(failure(status.UNIMPLEMENTED, 'Service is unimplemented.') as ServerErrorResponse)
            : done(null, supportedMethods()),
    } as never)
    this.#grpc.addService(gossipServices.GossipService, {
      read: (call: AnyCall, done: sendUnaryData<gossip.ClusterInfo>) =>
        this.#refusal('gossip', call) ? done(this.#notReady()) : done(null, this.#clusterInfo()),
    } as never)
    this.#injector = this.#grpc.createConnectionInjector(credentialsOf(options))
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options)
    await server.listen()
    return server
  }

  get port(): number {
    return this.#port
  }

  /** How a client reaches it. */
  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=${this.#options.tls !== undefined}`
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Takes connections (again). */
  async listen(): Promise<void> {
    this.#listener = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      if (this.#silent) socket.pause()
      else this.#injector.injectConnection(socket)
    })
    this.#listener.listen(this.#port, '127.0.0.1')
    await once(this.#listener, 'listening')
    this.#port = (this.#listener.address() as { port: number }).port
  }

  /** Refuses connections until `listen` is called again; cuts those that are there. */
  async stop(): Promise<void> {
    const closed = this.#listener && once(this.#listener, 'close')
    this.#listener?.close()
    this.cut()
    await closed
  }

  /** Cuts every connection once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Takes connections, and answers none of them until told otherwise. */
  set silent(silent: boolean) {
    this.#silent = silent
    this.cut()
  }

  async close(): Promise<void> {
    await this.stop()
    this.#grpc.forceShutdown()
  }

  async #read(call: ReadCall): Promise<void> {
    const options = call.request.getOptions()!
    const refusal = this.#refusal(options.hasSubscription() ? 'subscribe' : 'read', call)
    if (refusal) return void call.emit('error', refusal)
    if (options.hasSubscription()) this.subscribedFrom.push(startOf(options))
    this.openReads++
    await answerRead(this.store, call).catch((error: Error) => call.emit('error', error))
    this.openReads--
  }

  async #append(
    call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
    done: sendUnaryData<streams.AppendResp>,
  ): Promise<void> {
    const refusal = this.#refusal('append', call)
    if (refusal) return done(refusal as ServerErrorResponse)
    try {
      const response = await answerAppend(this.store, call)
      if (this.lostAnswers > 0) {
        this.lostAnswers--
        this.cut()
      } else done(null, response)
    } catch (error) {
      done(error as ServerErrorResponse)
    }
  }

  #batchAppend(call: BatchCall): void {
    answerBatchAppend(this.store, call, () => this.#refusal('batchAppend', call))
  }

  /** Why a call is not answered; undefined when it is. */
  #refusal(name: string, { metadata }: AnyCall): Error | undefined {
    this.calls[name] = (this.calls[name] ?? 0) + 1
    if (this.unavailable) return this.#notReady() as Error
    if (!this.#isAllowed(metadata.get('authorization')[0]))
      return failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' }) as Error
    if (this.leader && metadata.get('requires-leader')[0] === 'true')
      return failure(status.NOT_FOUND, 'Leader info available', {
        exception: 'not-leader',
        'leader-endpoint-host': '127.0.0.1',
        'leader-endpoint-port': String(this.leader.port),
      }) as Error
    return undefined
  }

  #isAllowed(authorization: unknown): boolean {
    const { credentials } = this.#options
    if (!credentials) return true
    const { username, password } = credentials
    return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  }

  #notReady(): ServerErrorResponse {
    return failure(status.UNAVAILABLE, 'Server Is Not Ready') as ServerErrorResponse
  }

  #clusterInfo(): gossip.ClusterInfo {
    const { FOLLOWER, LEADER } = gossip.MemberInfo.VNodeState
    const info = new gossip.ClusterInfo()
    info.addMembers(member(this, this.leader ? FOLLOWER : LEADER))
    if (this.leader) info.addMembers(member(this.leader, LEADER))
    return info
  }
}

function member({ port }: TestServer, state: gossip.MemberInfo.VNodeState): gossip.MemberInfo {
  const endPoint = new gossip.EndPoint()
  endPoint.setAddress('127.0.0.1')
  endPoint.setPort(port)
  const info = new gossip.MemberInfo()
  info.setHttpEndPoint(endPoint)
  info.setState(state)
  info.setIsAlive(true)
  return info
}

function supportedMethods(): features.SupportedMethods {
  const supported = new features.SupportedMethods()
  supported.setEventStoreServerVersion('24.10.0')
  for (const name of ['append', 'batchappend', 'read']) {
    const method = new features.SupportedMethod()
    method.setServiceName('event_store.client.streams.streams')
    method.setMethodName(name)
    supported.addMethods(method)
  }
  return supported
}

const credentialsOf = ({ tls }: TestServerOptions): ServerCredentials =>
  tls
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) },
      ])
    : ServerCredentials.createInsecure()

function startOf(options: streams.ReadReq.Options): bigint | undefined {
  const position = options.getAll()?.getPosition()
  return position && BigInt(position.getCommitPosition())
}
