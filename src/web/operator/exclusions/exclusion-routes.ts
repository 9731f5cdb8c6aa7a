import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import { ExclusionReason } from '../../../events/submission-events.ts'
import { requireSeen } from '../acts/actor.ts'
import type { Console } from '../console.ts'
import {
  type Entered,
  type ExclusionAsked,
  type ExclusionFormView,
  entered,
  readExclusionForm,
} from './exclusion-form.ts'
import { jobRoutes } from './job-routes.ts'
import { jobView } from './job-view.ts'
import { Jobs } from './jobs.ts'
import { previewView, seenEffect } from './preview-view.ts'

const FORM = '/operator/exclusions'

/** Submissions that are set aside, or counted again: a form, what it would do, and doing it. */
export function exclusionRoutes(fastify: FastifyInstance, console: Console): void {
  const { exclusions } = console.context
  const jobs = new Jobs((error, number) => fastify.log.error({ err: error, number }, 'an exclusion failed'))
  fastify.addHook('preClose', () => jobs.close())
  jobRoutes(fastify, console, jobs)
  fastify.get<{ Querystring: Record<string, unknown> }>(FORM, (request, reply) =>
    showForm(console, jobs, request, reply, { entered: entered(request.query), errors: [] }),
  )
  // Shows what would happen and changes nothing; a list of ids is too long for an address.
  fastify.post(`${FORM}/preview`, async (request, reply) => {
    const form = entered(request.body)
    const read = readExclusionForm(form, console.now())
    if ('errors' in read)
      return showForm(console, jobs, request, reply.code(422), { entered: form, errors: read.errors })
    const effect = await exclusions.preview(read.asked.act, read.asked.filter)
    const view = previewView(read.asked, effect, form)
    const title =
      read.asked.act === 'exclude' ? 'Exclude these submissions?' : 'Count these submissions again?'
    return console.page(request, reply, { name: 'preview', title, current: 'exclusions', view })
  })
  fastify.post(FORM, (request, reply) =>
    console.act(request, reply, {
      name: `submissions ${entered(request.body).act}`,
      on: entered(request.body).poll,
      next: FORM,
      run: async (by, form) => {
        const asked = askedAgain(request, console.now())
        const reason = asked.act === 'exclude' ? reasonOf(request) : undefined
        requireSeen(request, seenEffect(await exclusions.preview(asked.act, asked.filter)))
        const job = { id: form, asked, by, startedAt: console.now() }
        jobs.start(job, (signal, onProgress) =>
          reason === undefined
            ? exclusions.reinstate(asked.filter, { by, signal, onProgress })
            : exclusions.exclude(asked.filter, { by, reason, signal, onProgress }),
        )
        const heading = asked.act === 'exclude' ? 'Excluding has begun.' : 'Reinstating has begun.'
        return { heading, next: `${FORM}/jobs/${form}` }
      },
    }),
  )
}

async function showForm(
  console: Console,
  jobs: Jobs,
  request: FastifyRequest,
  reply: FastifyReply,
  given: { entered: Entered; errors: ExclusionFormView['errors'] },
): Promise<FastifyReply> {
  const polls = await console.context.polls.list()
  const view: ExclusionFormView = {
    ...given,
    jobs: jobs.all.slice(0, 10).map((job) => jobView(job, console.now())),
    polls: polls.map(({ definition }) => ({ value: definition.poll, label: definition.title })),
  }
  const title = given.errors.length > 0 ? 'Please check: exclusions' : 'Exclusions'
  return console.page(request, reply, { name: 'exclusions', title, current: 'exclusions', view })
}

/** The same as was previewed. @throws {Problem} INVALID_REQUEST */
function askedAgain({ body }: FastifyRequest, now: Date): ExclusionAsked {
  const read = readExclusionForm(entered(body), now)
  if ('asked' in read) return read.asked
  throw new Problem('INVALID_REQUEST', { errors: read.errors })
}

function reasonOf({ body }: FastifyRequest): ExclusionReason {
  const read = ExclusionReason.safeParse((body as { reason?: unknown }).reason)
  if (!read.success) throw new Problem('INVALID_REQUEST', { detail: 'Choose a reason for excluding them.' })
  return read.data
}
