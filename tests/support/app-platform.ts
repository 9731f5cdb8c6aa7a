/** DigitalOcean's API for App Platform, as far as `check-deploy` asks it, on this machine: answers by its description. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const TOKEN = 'dop_v1_0123456789abcdef'
export const APP_ID = '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf'

export interface TestDeployment {
  readonly id: string
  phase: string
  readonly commit: string
  readonly steps?: readonly object[]
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

export class TestAppPlatform {
  readonly url: string
  /** Newest first. */
  deployments: TestDeployment[] = []
  /** What people are served by. */
  active: string | undefined
  /** Other apps of the account, before ours. */
  others: readonly string[] = []
  /** Answered with, one after the other, before anything else. */
  readonly faults: Answer[] = []
  /** Paths that were asked for with the right token. */
  readonly asked: string[] = []
  /** Called before each look at one deployment. */
  onLook: (deployment: TestDeployment) => void = () => {}
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => this.#answer(request, response))
  }

  static async start(): Promise<TestAppPlatform> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TestAppPlatform(server)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const fault = this.faults.shift()
    if (fault) {
      fault(request, response)
      return
    }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      send(response, 401, { id: 'Unauthorized', message: 'Unable to authenticate you' })
      return
    }
    const { pathname, searchParams } = new URL(request.url!, this.url)
    this.asked.push(request.url!)
    const found = this.#find(pathname, searchParams)
    send(response, found ? 200 : 404, found ?? { id: 'not_found', message: 'The resource was not found.' })
  }

  #find(path: string, query: URLSearchParams): object | undefined {
    const page = Number(query.get('page') ?? 1)
    const size = Number(query.get('per_page') ?? 20)
    const cut = <T>(list: readonly T[]) => list.slice((page - 1) * size, page * size)
    if (path === '/v2/apps') {
      const others = this.others.map((name) => ({ id: `id-of-${name}`, spec: { name } }))
      return { apps: cut([...others, this.#app()]), links: {}, meta: { total: others.length + 1 } }
    }
    if (path === `/v2/apps/${APP_ID}`) return { app: this.#app() }
    if (path === `/v2/apps/${APP_ID}/deployments`)
      return { deployments: cut(this.deployments).map(described) }
    const one = this.deployments.find(({ id }) => path === `/v2/apps/${APP_ID}/deployments/${id}`)
    if (!one) return undefined
    this.onLook(one)
    return { deployment: described(one) }
  }

  #app(): object {
    const active = this.deployments.find(({ id }) => id === this.active)
    return {
      id: APP_ID,
      owner_uuid: 'x',
      spec: { name: 'taxbudget', region: 'nyc' },
      live_url: 'https://budget.example.org',
      domains: [{ id: 'd', phase: 'ACTIVE', spec: { domain: 'budget.example.org', type: 'PRIMARY' } }],
      ...(active && { active_deployment: described(active) }),
    }
  }
}

const described = ({ id, phase, commit, steps = [] }: TestDeployment): object => ({
  id,
  phase,
  phase_last_updated_at: '2026-11-23T10:00:00Z',
  created_at: '2026-11-23T09:58:00Z',
  cause: 'commit pushed to github/example/taxbudget',
  services: [{ name: 'web', source_commit_hash: commit }],
  workers: [{ name: 'relay', source_commit_hash: commit }],
  jobs: [{ name: 'migrate', source_commit_hash: commit }],
  progress: { success_steps: 1, total_steps: 6, steps },
})

export function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
