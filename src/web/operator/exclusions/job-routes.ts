import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Console } from '../console.ts'
import { jobView } from './job-view.ts'
import type { Job, Jobs } from './jobs.ts'

type JobRequest = FastifyRequest<{ Params: { id: string } }>

const JOB = '/operator/exclusions/jobs/:id'

/** How far an exclusion is. */
export function jobRoutes(fastify: FastifyInstance, console: Console, jobs: Jobs): void {
  fastify.get(JOB, async (request: JobRequest, reply) => {
    const job = jobs.get(request.params.id)
    if (!job) return unknown(console, request, reply)
    const view = jobView(job, console.now())
    return console.page(request, reply, { name: 'job', title: titleOf(job), current: 'exclusions', view })
  })
  fastify.get(`${JOB}/live`, async (request: JobRequest, reply) => {
    const job = jobs.get(request.params.id)
    if (!job) return reply.code(404).type('text/plain; charset=utf-8').send('Not known here')
    const view = jobView(job, console.now())
    return console.fragment(request, reply, { name: 'partials/job-live', title: titleOf(job), view })
  })
  fastify.post(`${JOB}/stop`, (request: JobRequest, reply) => {
    const { id } = request.params
    return console.act(request, reply, {
      name: 'submissions stop',
      on: id,
      next: JOB.replace(':id', encodeURIComponent(id)),
      run: async () => {
        jobs.stop(id)
        return { heading: 'It stops after what is under way.' }
      },
    })
  })
}

const titleOf = ({ asked }: Job): string =>
  asked.act === 'exclude' ? 'Excluding submissions' : 'Reinstating submissions'

/** Work lives in the process that began it. */
const unknown = (console: Console, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
  console.page(request, reply.code(404), {
    name: 'problem',
    title: 'This process knows nothing of that work',
    current: 'exclusions',
    view: {
      text: [
        'It runs in another web process (then loading this page again may find it), or the process that did it has ended.',
        'If it has ended, ask for the same again: what is done is not done twice, and the rest is.',
      ],
      back: '/operator/exclusions',
    },
  })
