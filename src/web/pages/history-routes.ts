import type { FastifyInstance, FastifyRequest } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { Problem } from '../../errors.ts'
import { type Locale, localeOf } from '../locale.ts'
import { issueToken, isToken } from './form-token.ts'
import { addressOf, frameOf } from './frame.ts'
import { type HistoryView, historyEntry } from './history-view.ts'
import { pollLinks, submissionLink } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { pollPage } from './poll-page.ts'
import { remembered } from './receipts.ts'
import { sendPage } from './views.ts'

/** What this device remembers, and how to make it forget. */
export function historyRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  fastify.get('/history', async (request, reply) => {
    const locale = localeOf(request)
    const asked = remembered(request).map(({ submission }) => entryFor(scope, locale, submission))
    const links = pollLinks(locale)
    const view: HistoryView = {
      entries: (await Promise.all(asked)).filter((entry) => entry !== undefined),
      forget: `${links.history}/forget`,
      token: issueToken(scope.context.secret, purposeOf(request)),
    }
    const title = locale.words.history.heading
    const frame = frameOf({ locale, title, links, current: 'history', address: addressOf(request) })
    return sendPage(reply, 'history', frame, view)
  })
  fastify.post('/history/forget', async (request, reply) => {
    // Something else may have come to be remembered since: people see it before they forget it, too.
    const { token } = (request.body ?? {}) as { token?: unknown }
    if (isToken(scope.context.secret, purposeOf(request), token)) {
      scope.receipts.forgetAll(reply)
      scope.visits.forget(reply)
    }
    return reply.redirect(pollLinks(localeOf(request)).history, 303)
  })
}

/** Forgets this very list. */
const purposeOf = (request: FastifyRequest): string =>
  ['forget', ...remembered(request).map(({ receipt }) => receipt)].join('\n')

/** A link at least, when the submission cannot be read now; nothing, when there is none. */
async function entryFor(scope: PagesScope, locale: Locale, submission: string) {
  const href = submissionLink(locale, submission)
  try {
    const { state } = await loadSubmission(scope.context.readersLog, submission)
    const page = pollPage(scope, locale, await scope.polls.get(state.poll))
    return historyEntry(href, { page, state })
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined
    return historyEntry(href)
  }
}
