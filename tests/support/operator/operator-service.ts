import type { FastifyInstance } from 'fastify'
import type { OperatorContext } from '../../../src/web/operator/context.ts'
import { CommandedPolls } from '../../../src/web/operator/polls/poll-operations.ts'
import { buildServer } from '../../../src/web/server.ts'
import { contextOf } from '../../web/context.ts'
import { startTestService, type TestService } from '../service.ts'
import { MemoryExclusions } from './memory-exclusions.ts'
import { MemoryParked } from './memory-parked.ts'
import { MemoryProjections } from './memory-projections.ts'
import { MemoryDoctor, MemoryProcesses, MemorySignedOut } from './memory-surroundings.ts'

export const TOKENS = 'ana:first-long-token-0,ben:second-long-token'
export const ANAS_TOKEN = 'first-long-token-0'
export const BENS_TOKEN = 'second-long-token'

/** A service with real polls, and ports in memory for what operators do. */
export interface OperatorService {
  readonly service: TestService
  readonly projections: MemoryProjections
  readonly parked: MemoryParked
  readonly exclusions: MemoryExclusions
  readonly processes: MemoryProcesses
  readonly doctor: MemoryDoctor
  readonly signedOut: MemorySignedOut
  /** A web server of it, not listening; another one knows nothing of the first. */
  server(changes?: ServerChanges): Promise<FastifyInstance>
  close(): Promise<void>
}

interface ServerChanges {
  readonly operatorToken?: string | undefined
  readonly publicUrl?: string
  readonly trustProxy?: boolean
  readonly now?: () => Date
  readonly operator?: Partial<OperatorContext>
}

export async function startOperatorService(): Promise<OperatorService> {
  const service = await startTestService()
  const { commands, results } = service.services
  const { definition } = await commands.polls.get(service.config.defaultPoll)
  const projections = new MemoryProjections()
  const ports = {
    projections,
    parked: new MemoryParked(),
    exclusions: new MemoryExclusions(definition),
    processes: new MemoryProcesses(),
    doctor: new MemoryDoctor(),
    signedOut: new MemorySignedOut(),
  }
  const log = { head: async () => projections.head, positionsPerEvent: 1n }
  const servers: FastifyInstance[] = []
  return {
    service,
    ...ports,
    server: async ({ operatorToken = TOKENS, now = commands.now, operator, ...changes } = {}) => {
      const context = contextOf(service, changes)
      const polls = new CommandedPolls({ ...context.commands, now }, results)
      const server = await buildServer({
        ...context,
        ...changes,
        commands: { ...context.commands, now },
        operatorToken: operatorToken === '' ? undefined : operatorToken,
        operator: { ...ports, polls, log, ...operator },
      })
      servers.push(server)
      return server
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
      await service.close()
    },
  }
}
