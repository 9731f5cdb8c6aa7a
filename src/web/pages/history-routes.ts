import type { FastifyInstance } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { Problem } from '../../errors.ts'
import { type HistoryView, historyEntry } from './history-view.ts'
import { defaultLinks } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { remembered } from './receipts.ts'
import { render, sendPage } from './views.ts'

/** What this device remembers, and how to make it forget. */
export function historyRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  fastify.get('/history', async (request, reply) => {
    const found = await Promise.all(remembered(request).map(({ submission }) => entryFor(scope, submission)))
    const view: HistoryView = { entries: found.filter((entry) => entry !== undefined) }
    const frame = {
      title: 'Your submissions on this device',
      links: defaultLinks,
      current: 'history',
    } as const
    return sendPage(reply, await render('history', frame, view))
  })
  fastify.post('/history/forget', async (request, reply) => {
    scope.receipts.forgetAll(request, reply)
    return reply.redirect('/history', 303)
  })
}

/** A link at least, when the submission cannot be read now; nothing, when there is none. */
async function entryFor({ context, polls }: PagesScope, submission: string) {
  try {
    const { state } = await loadSubmission(context.readersLog, submission)
    const { definition } = await polls.get(state.poll)
    return historyEntry(submission, { definition, state })
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined
    return historyEntry(submission)
  }
}
