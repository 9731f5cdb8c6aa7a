import { randomBytes } from 'node:crypto'
import { startProxy } from './proxy.ts'
import { TestServer } from './test-server.ts'

export interface ServerUnderTest {
  readonly url: string
  /** Before the names of all streams of this run: the server may have been used before. */
  readonly prefix: string
  /** Cuts every connection once. */
  cut(): void
  /** Keeps the next append to `stream` from becoming visible until the returned function is called. */
  hold(stream: string): () => void
  close(): Promise<void>
}

/** The EventStoreDB that EVENT_STORE_URL names, or else a test server. */
export async function startServerUnderTest(): Promise<ServerUnderTest> {
  const prefix = `run-${randomBytes(6).toString('hex')}-`
  const url = process.env.EVENT_STORE_URL
  return url ? await useRealServer(url, prefix) : await useTestServer(prefix)
}

async function useTestServer(prefix: string): Promise<ServerUnderTest> {
  const server = await TestServer.start()
  return {
    url: server.url,
    prefix,
    cut: () => server.cut(),
    hold: (stream) => server.store.hold(prefix + stream),
    close: () => server.close(),
  }
}

/** Appends of a real server cannot be held. The connections to a single one can be cut by a proxy in front. */
async function useRealServer(url: string, prefix: string): Promise<ServerUnderTest> {
  const single = /^(esdb:\/\/(?:[^@/?]+@)?)([^:,/?@]+)(?::(\d+))?(\/?(?:\?.*)?)$/.exec(url)
  if (!single) return { url, prefix, cut: () => {}, hold: () => () => {}, close: async () => {} }
  const [, before, host, port = '2113', after] = single
  const proxy = await startProxy(host!, Number(port))
  return {
    url: `${before}127.0.0.1:${proxy.port}${after}`,
    prefix,
    cut: proxy.cut,
    hold: () => () => {},
    close: proxy.close,
  }
}
