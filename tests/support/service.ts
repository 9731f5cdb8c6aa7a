import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../../src/config.ts'
import { type RunningService, startService } from '../../src/main.ts'
import type { Services } from '../../src/services.ts'
import { createTestDatabase } from './database.ts'

export interface TestService {
  readonly url: string
  readonly config: Config
  readonly services: Services
  /** Stops it and starts it again on the same data and port. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** The whole service in this process, on a free port and a database of its own. */
export async function startTestService(environment: Record<string, string> = {}): Promise<TestService> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-service-'))
  const settings = { DATABASE_URL: database.url, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' }
  let config = readConfig({ ...settings, ...environment })
  let running: RunningService = await startService(config)
  const { url } = running
  config = { ...config, port: Number(new URL(url).port) }
  return {
    url,
    config,
    get services() {
      return running.services
    },
    restart: async () => {
      await running.close()
      running = await startService(config)
    },
    close: async () => {
      await running.close()
      await rm(dataDir, { recursive: true, force: true })
      await database.drop()
    },
  }
}
