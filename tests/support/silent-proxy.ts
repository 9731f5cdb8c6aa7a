import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy whose connections can go silent: open, but nothing comes through any more. */
export async function startProxy(port: number) {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    const pair = { client, server }
    pairs.add(pair)
    client.pipe(server)
    server.pipe(client)
    for (const socket of [client, server])
      socket
        .on('error', () => {})
        .on('close', () => {
          pairs.delete(pair)
          client.destroy()
          server.destroy()
        })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as { port: number }).port,
    /** The connections of now say nothing any more; new ones work. */
    silence: () => {
      for (const { client, server } of pairs) {
        client.unpipe(server)
        server.unpipe(client)
        client.pause()
        server.pause()
      }
    },
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
