import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import type { ProjectionVersion } from '../../../projections/builds/projection-operations.ts'
import { requireSeen } from '../acts/actor.ts'
import type { Console } from '../console.ts'
import type { LiveState } from '../overview/live-state.ts'
import { knownOf, presented, told } from '../overview/told.ts'
import { type ActName, actNamed, isAct } from './acts.ts'
import {
  actHref,
  actViews,
  buildsSummary,
  type ConfirmView,
  type ProjectionsView,
  projectionViews,
} from './projections-view.ts'

const LIST = '/operator/projections'
/** So many of the last acts are shown. */
const ACTS = 10

type ActRequest = FastifyRequest<{ Params: { projection: string; act: string } }>

/** Versions of the read models, and what is done with them. */
export function projectionRoutes(fastify: FastifyInstance, console: Console): void {
  const { positionsPerEvent } = console.context.log
  const view = async ({ at, head, versions }: LiveState): Promise<ProjectionsView> => {
    const projections = presented(versions, (versions) =>
      projectionViews(versions, knownOf(head), positionsPerEvent),
    )
    const recorded = await told('what was done', () => console.context.projections.recorded(ACTS))
    const summary = buildsSummary(knownOf(projections) ?? [])
    return { at, projections, acts: presented(recorded, actViews), summary }
  }
  fastify.get(LIST, async (request, reply) =>
    console.page(request, reply, {
      name: 'projections',
      title: 'Projections',
      current: 'projections',
      view: await view(await console.states.fresh()),
    }),
  )
  fastify.get(`${LIST}/live`, async (request, reply) =>
    console.fragment(request, reply, {
      name: 'partials/projections-live',
      title: 'Projections',
      view: await view(await console.states.get()),
    }),
  )
  fastify.get(`${LIST}/:projection/:act`, async (request: ActRequest, reply) => {
    const { name, versions } = await asked(console, request)
    const act = actNamed(name)
    // Somebody was quicker, or this address was kept.
    if (!act.fits(versions)) return reply.redirect(LIST, 303)
    const view: ConfirmView = {
      heading: act.heading(versions),
      says: act.says(versions),
      action: actHref(request.params.projection, name),
      back: LIST,
      seen: act.seen(versions),
      button: act.button,
      isDangerous: act.look === 'danger',
      asksPromote: name === 'rebuild',
    }
    return console.page(request, reply, {
      name: 'confirm',
      title: view.heading,
      current: 'projections',
      view,
    })
  })
  fastify.post(`${LIST}/:projection/:act`, async (request: ActRequest, reply) => {
    const { projection, act } = request.params
    return console.act(request, reply, {
      name: `projections ${act}`,
      on: projection,
      next: LIST,
      run: async (by) => {
        const { name, versions } = await asked(console, request)
        requireSeen(request, actNamed(name).seen(versions))
        const { promote } = request.body as { promote?: unknown }
        const operations = console.context.projections
        const heading = await actNamed(name).run({
          ...{ operations, projection, versions, by },
          promote: promote === 'yes',
        })
        return { heading }
      },
    })
  })
}

/** @throws {Problem} NOT_FOUND, PROJECTION_NOT_FOUND */
async function asked(
  console: Console,
  request: ActRequest,
): Promise<{ name: ActName; versions: readonly ProjectionVersion[] }> {
  const { projection, act } = request.params
  if (!isAct(act)) throw new Problem('NOT_FOUND')
  const all = await console.context.projections.list()
  const versions = all.filter((version) => version.projection === projection)
  if (versions.length === 0)
    throw new Problem('PROJECTION_NOT_FOUND', {
      detail: `There is no projection called ${projection.slice(0, 64)}.`,
    })
  return { name: act, versions }
}
