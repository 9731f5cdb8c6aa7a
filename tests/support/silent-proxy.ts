import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

/** A TCP proxy whose connections can go silent: open, but nothing comes through any more. */
export async function startProxy(port: number) {
  const pairs = new Set<Pair>()
  let [mute, isCut] = [false, false]
  let fatal: string | undefined
  const cut = () => {
    isCut = true
    for (const { client, server } of pairs) {
      client.destroy()
      server.destroy()
    }
  }
  const proxy = createServer((client) => {
    if (isCut) return void client.destroy()
    client.on('data', (chunk: Buffer) => {
      if (fatal !== undefined && chunk.includes(fatal)) cut()
    })
    const pair = { client, server: connect(port, '127.0.0.1') }
    pairs.add(pair)
    if (mute) hush(pair)
    else join(pair)
    for (const socket of [client, pair.server])
      socket
        .on('error', () => {})
        .on('close', () => {
          pairs.delete(pair)
          client.destroy()
          pair.server.destroy()
        })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as { port: number }).port,
    /** The same address as `url`, through the proxy. */
    through: (url: string) => {
      const address = new URL(url)
      address.port = String((proxy.address() as { port: number }).port)
      return address.href
    },
    /** The connections of now say nothing any more; new ones work. */
    silence: () => {
      for (const pair of pairs) hush(pair)
    },
    /** Nothing comes through, neither over the connections of now nor over new ones, until `resume`. */
    silenceAll: () => {
      mute = true
      for (const pair of pairs) hush(pair)
    },
    /** From the moment that a client sends this text every connection is cut, also new ones, until `mend`. */
    cutAt: (text: string) => {
      fatal = text
    },
    /** Whether it has come to that. */
    isCut: () => isCut,
    /** New connections work again. */
    mend: () => {
      fatal = undefined
      isCut = false
    },
    /** What was held back comes through, and everything after it. */
    resume: () => {
      mute = false
      for (const pair of pairs) join(pair)
    },
    /** How many connections are open. */
    connections: () => pairs.size,
    close: async () => {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

function join({ client, server }: Pair): void {
  client.pipe(server)
  server.pipe(client)
}

function hush({ client, server }: Pair): void {
  client.unpipe(server)
  server.unpipe(client)
  client.pause()
  server.pause()
}
