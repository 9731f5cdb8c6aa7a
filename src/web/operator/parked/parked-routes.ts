import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import type { ParkedEventState } from '../../../projections/parked-events.ts'
import { requireSeen } from '../acts/actor.ts'
import type { Console } from '../console.ts'
import { plural } from '../format.ts'
import { position as written } from '../words.ts'
import { parkedEventView, parkedView, seenAll, seenOne } from './parked-view.ts'

const LIST = '/operator/parked'
const LONGEST_REASON = 200

type OneRequest = FastifyRequest<{ Params: { position: string } }>

/** Events that could not be applied. */
export function parkedRoutes(fastify: FastifyInstance, console: Console): void {
  const { parked } = console.context
  fastify.get(LIST, async (request, reply) => {
    const view = parkedView(await parked.list())
    return console.page(request, reply, { name: 'parked', title: 'Parked events', current: 'parked', view })
  })
  fastify.post(`${LIST}/retry`, (request, reply) =>
    console.act(request, reply, {
      name: 'parked retry',
      next: LIST,
      run: async (by) => {
        requireSeen(request, seenAll(await parked.list()))
        return retried(await parked.retry({ by }))
      },
    }),
  )
  fastify.post(`${LIST}/:position/retry`, (request: OneRequest, reply) =>
    console.act(request, reply, {
      name: 'parked retry',
      on: request.params.position,
      next: LIST,
      run: async (by) => {
        const event = await eventAsked(console, request)
        requireSeen(request, seenOne(event))
        return retried(await parked.retry({ by, positions: [event.position] }))
      },
    }),
  )
  fastify.get(`${LIST}/:position/skip`, async (request: OneRequest, reply) => {
    const event = parkedEventView(await eventAsked(console, request))
    const title = `Skip event ${event.place}`
    const view = { event, action: event.skip }
    return console.page(request, reply, { name: 'skip', title, current: 'parked', view })
  })
  fastify.post(`${LIST}/:position/skip`, (request: OneRequest, reply) =>
    console.act(request, reply, {
      name: 'parked skip',
      on: request.params.position,
      next: LIST,
      run: async (by) => {
        const event = await eventAsked(console, request)
        requireSeen(request, seenOne(event))
        await parked.skip(event.position, { by, reason: reasonOf(request) })
        return { heading: `Event ${written(event.position)} is skipped.` }
      },
    }),
  )
}

async function eventAsked(console: Console, { params }: OneRequest): Promise<ParkedEventState> {
  const position = /^\d{1,19}$/.test(params.position) ? BigInt(params.position) : undefined
  const events = await console.context.parked.list()
  const event = events.find((event) => event.position === position)
  if (!event)
    throw new Problem('PARKED_EVENT_NOT_FOUND', {
      detail: `Event ${params.position.slice(0, 20)} is not parked, or not any more.`,
    })
  return event
}

function reasonOf({ body }: FastifyRequest): string {
  const { reason } = (body ?? {}) as { reason?: unknown }
  const text = typeof reason === 'string' ? reason.trim() : ''
  if (text === '' || text.length > LONGEST_REASON)
    throw new Problem('INVALID_REQUEST', { detail: `Say why, in at most ${LONGEST_REASON} characters.` })
  return text
}

function retried({
  applied,
  parked,
}: {
  readonly applied: readonly unknown[]
  readonly parked: readonly ParkedEventState[]
}): { heading: string; text?: string } {
  const heading = `${plural(applied.length, 'event')} applied, ${plural(parked.length, 'event')} still parked.`
  const [first] = parked
  return first ? { heading, text: `Event ${written(first.position)}: ${first.error}` } : { heading }
}
