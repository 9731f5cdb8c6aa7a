import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sharedBriefly } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { LiveHub } from '../live/hub.ts'
import { closeCodes, usualLimits } from '../live/limits.ts'
import { LiveView, liveMessage } from '../live/live-view.ts'
import { LiveSockets } from '../live/sockets.ts'
import { routeUpgrades, takeUpgrade } from '../live/upgrades.ts'
import { described } from './described.ts'
import { isKnown, rankSeen } from './etag.ts'
import { problemResponses } from './problem-responses.ts'
import { PollParameters } from './schemas.ts'

const description = `As a WebSocket (\`new WebSocket('wss://…/api/polls/us-federal/live')\`): the present state at once, then a message for
every new snapshot, at most four a second; of several that come faster the newest. Positions never go back; the same
message comes again when nothing has changed for twenty seconds, so that a reader can tell a silent connection from a dead
one. Who does not read misses what comes meanwhile, and is broken off after ten seconds.

Without \`Upgrade\` it is one message, with an \`ETag\`: ask every fifteen seconds where WebSockets do not come through.

Pages of any origin may read it: it is public, and no cookie is looked at. Nothing is to be sent (closed with
${closeCodes.talking}). ${closeCodes.ending}: the process ends, connect again in a moment, not all at once. ${closeCodes.full}: too many are
watching, ask with GET and try again in some minutes.`

const operation = {
  tags: ['Results'],
  operationId: 'watchResults',
  summary: 'The collective budget as it moves',
  description,
  params: PollParameters,
  headers: z.object({
    upgrade: z.literal('websocket').optional(),
    'if-none-match': z.string().optional().describe('ETag of the message that you have; without Upgrade'),
  }),
  response: {
    101: z.undefined().describe('Messages follow, each one as with 200'),
    200: LiveView.describe('The present state'),
    304: z.undefined().describe('Nothing has changed since the ETag that you sent'),
    ...problemResponses('POLL_NOT_FOUND', 'RESULTS_UNAVAILABLE', 'REPLAY_BUSY'),
  },
}

const TICK_MS = 250
const STALL_MS = 10_000

/** What moves: a WebSocket, and the same for who asks again and again. */
export function liveRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  const { metrics, readiness, results, snapshots } = context
  const onSent = (messages: number) => metrics.live.sent(messages)
  const hub = new LiveHub({ results, snapshots, onSent, tickMs: TICK_MS, stallMs: STALL_MS, ...context.live })
  const sockets = new LiveSockets({ ...usualLimits, ...context.live, hub, figures: metrics.live })
  routeUpgrades(app)
  // Nobody waits for the end of what they would only have to leave.
  readiness.ending.addEventListener('abort', () => sockets.close(), { once: true })
  app.addHook('preClose', async () => {
    sockets.close()
    hub.close()
  })
  app.get<{ Params: PollParameters }>('/polls/:poll/live', described(operation), async (request, reply) => {
    const known = request.headers['if-none-match']
    const answer = await hub.present(request.params.poll, rankSeen(known))
    const upgrade = takeUpgrade(request.raw)
    if (upgrade) {
      reply.hijack()
      sockets.accept(request.raw, upgrade, answer, request.ip)
      return reply
    }
    const { etag, body } = liveMessage(answer.aggregate)
    metrics.answered(answer.tier)
    reply.headers({ etag, 'cache-control': sharedBriefly, 'access-control-allow-origin': '*' })
    if (isKnown(known, etag)) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(body)
  })
}
