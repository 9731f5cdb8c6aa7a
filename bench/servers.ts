import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NatsServer } from '../tests/support/nats-server.ts'
import { RedisServer } from '../tests/support/redis-server.ts'
import { type Running, repository, scriptPath, start } from './processes.ts'
import type { Workbench } from './workbench.ts'

export const OPERATOR_TOKEN = 'bench-operator-token'

export interface RunningServer extends Running {
  /** Without a trailing slash. */
  readonly url: string
}

/** The service, all roles unless `env` says otherwise, in a process of its own on a free port. */
export async function startService(
  bench: Workbench,
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const service = await start({
    command: process.execPath,
    args: [join(repository, 'src', 'main.ts')],
    env: {
      DATABASE_URL: databaseUrl,
      DATA_DIR: bench.folder,
      PORT: '0',
      LOG_LEVEL: 'warn',
      SESSION_SECRET: 'x'.repeat(32),
      OPERATOR_TOKEN,
      ...env,
    },
    ready: /listens on http:\/\/localhost:(\d+)/,
  })
  bench.onEnd(service.stop)
  return { ...service, url: `http://127.0.0.1:${service.said}` }
}

/** fastify alone, in a process of its own. @param bytes what it sends to whoever asks for results */
export async function startBareServer(bench: Workbench, bytes: Buffer): Promise<RunningServer> {
  const file = join(bench.folder, `bytes-${bytes.length}`)
  await writeFile(file, bytes)
  const server = await start({
    command: process.execPath,
    args: [scriptPath('bare-server.ts')],
    env: { BYTES_FILE: file },
    ready: /listens on (\S+)/,
  })
  bench.onEnd(server.stop)
  return { ...server, url: server.said }
}

/** The service's own fastify, echoing, in a process of its own: the same server without what a submission is about. */
export async function startEchoServer(bench: Workbench): Promise<RunningServer> {
  const server = await start({
    command: process.execPath,
    args: [scriptPath('echo-server.ts')],
    env: {},
    ready: /listens on (\S+)/,
  })
  bench.onEnd(server.stop)
  return { ...server, url: server.said }
}

/** A Redis of its own. */
export async function startRedis(bench: Workbench): Promise<RedisServer> {
  const redis = await RedisServer.start()
  bench.onEnd(() => redis.close())
  return redis
}

/** A NATS of its own, with JetStream. */
export async function startNats(bench: Workbench): Promise<NatsServer> {
  const nats = await NatsServer.start()
  bench.onEnd(() => nats.close())
  return nats
}
