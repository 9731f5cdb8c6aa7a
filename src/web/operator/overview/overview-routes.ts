import type { FastifyInstance } from 'fastify'
import { whileConnected } from '../../while-connected.ts'
import type { Console } from '../console.ts'
import { examined, isRoutine } from './doctor-view.ts'
import type { LiveState } from './live-state.ts'
import { overviewView } from './overview-view.ts'
import { Samples } from './samples.ts'

/** A browser waits no longer for the doctor. */
const EXAMINED_MS = 60_000

/** Everything at a glance, and the doctor's findings. */
export function overviewRoutes(fastify: FastifyInstance, console: Console): void {
  const samples = new Samples(() => console.states.get())
  fastify.addHook('onReady', async () => samples.start())
  fastify.addHook('preClose', async () => samples.stop())
  const view = (state: LiveState) => overviewView(state, samples.all, console.context.log.positionsPerEvent)
  fastify.get('/operator', async (request, reply) =>
    console.page(request, reply, {
      name: 'overview',
      title: 'Overview',
      current: 'overview',
      view: view(await console.states.fresh()),
    }),
  )
  fastify.get('/operator/live', async (request, reply) =>
    console.fragment(request, reply, {
      name: 'partials/overview-live',
      title: 'Overview',
      view: view(await console.states.get()),
    }),
  )
  fastify.get<{ Querystring: { routine?: string } }>('/operator/doctor', async (request, reply) => {
    const routine = isRoutine(request.query.routine) ? request.query.routine : 'always'
    const signal = AbortSignal.any([whileConnected(reply), AbortSignal.timeout(EXAMINED_MS)])
    const view = await examined(console.context.doctor, routine, signal)
    return console.page(request, reply, { name: 'doctor', title: 'Doctor', current: 'overview', view })
  })
}
