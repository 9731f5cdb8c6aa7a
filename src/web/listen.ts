import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** HOST and PORT. */
interface ListenOptions {
  readonly host: string
  readonly port: number
}

/** So many may wait to be let in while the process is busy: whoever finds no room tries again only after a second. */
const BACKLOG = 4096

/**
 * Has the server listen where the settings say.
 * @returns its address
 * @throws with one sentence that names the setting at fault; the server is closed then
 */
export async function listen(app: FastifyInstance, { host, port }: ListenOptions): Promise<string> {
  try {
    await app.listen({ port, host, backlog: BACKLOG })
  } catch (error) {
    await app.close()
    throw explain(error as NodeJS.ErrnoException, host, port)
  }
  return `http://${host}:${(app.server.address() as AddressInfo).port}`
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const because = (sentence: string) => new Error(sentence, { cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return because(
        `PORT: ${port} on ${host} is taken by another program. Stop it, or set PORT to another number.`,
      )
    case 'EACCES':
      return because(`PORT: this user may not listen on port ${port}. Set PORT to 1024 or more.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return because(
        `HOST: ${host} is no address of this machine. Set HOST to 127.0.0.1, or 0.0.0.0 for all.`,
      )
    default:
      return error
  }
}
