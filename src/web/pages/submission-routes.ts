import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isReceipt } from '../../commands/receipt.ts'
import type { CastSubmission } from '../../commands/submission-state.ts'
import { Problem } from '../../errors.ts'
import { type Position, START } from '../../events/event-log.ts'
import type { Answer } from '../../queries/results.ts'
import { localeOf } from '../locale.ts'
import { submissionAt } from '../moment.ts'
import { permanentQuery } from '../permanent-link.ts'
import { whileConnected } from '../while-connected.ts'
import { issueToken, ownersPurpose } from './form-token.ts'
import { addressOf, frameOf, type PageFrame } from './frame.ts'
import { privateLink, submissionLink } from './links.ts'
import { livePart } from './live-part.ts'
import { momentOf, momentView } from './moment-form.ts'
import { submissionAlt } from './pictures/picture-alts.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { receiptHeldFor, remembered, visitReceipt } from './receipts.ts'
import { pictureIn, shareBlock } from './sharing/share-block.ts'
import { submissionPicture } from './sharing/sharing-links.ts'
import { type SubmissionInput, submissionView } from './submission-view.ts'
import { sendPage } from './views.ts'

type SubmissionRequest = FastifyRequest<{ Params: { id: string } }>
type Route = (scope: PagesScope, request: SubmissionRequest, reply: FastifyReply) => Promise<FastifyReply>

/** One submission's page. */
export function submissionRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  fastify.get('/submissions/:id', (request: SubmissionRequest, reply) =>
    showSubmission(scope, request, reply),
  )
}

const showSubmission: Route = async (scope, request, reply) => {
  const id = request.params.id.toLowerCase()
  const { context } = scope
  const moment = momentOf(request.query, context.commands.now)
  const { state: submission, position, revision } = await submissionAt(context, id, moment)
  const locale = localeOf(request)
  const poll = pollPage(scope, locale, await scope.polls.get(submission.poll))
  const fresh = visitReceipt(request, id) !== undefined
  const asking = moment
    ? context.results.results(submission.poll, { ...moment, signal: whileConnected(reply) })
    : currentResults(scope, submission.poll, fresh ? position : START)
  // The submission itself can be shown without everyone's.
  const answer = await asking.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'POSITION_NOT_FOUND') throw error
    return undefined
  })
  const held = receiptHeldFor(request, id)
  const receipt = held !== undefined && isReceipt(held, submission.receiptHash) ? held : undefined
  const isRemembered = remembered(request).some((other) => other.submission === id)
  const path = submissionLink(locale, id)
  const everyones = answer?.aggregate
  const last = everyones && everyones.position >= position ? everyones : { position }
  const permanent = path + permanentQuery(last, moment?.asOf)
  const share = moment || submission.status !== 'counted' ? undefined : shareOf(scope, id, submission, poll)
  const live = moment ? undefined : livePart(scope, submission.poll, path)
  const input: SubmissionInput = {
    ...{ id, share, live },
    path,
    poll,
    submission,
    position,
    aggregate: everyones,
    receipt,
    remembered: isRemembered,
    withdrawToken: issueToken(context.secret, ownersPurpose('withdraw', id, revision)),
    privateLink: receipt && privateLink(context.publicUrl + path, receipt),
    moment: momentView(path, moment, { permanent, publicUrl: context.publicUrl }),
  }
  const view = submissionView(input)
  const frame = frameFor(request, poll, view.heading, [
    ...(share ? ['share.js'] : []),
    ...(live ? ['live.js'] : []),
  ])
  const openGraph = share && { ...pictureIn(share, context.publicUrl), title: sharedTitle(poll) }
  return sendPage(reply, 'submission', { ...frame, ...(openGraph && { openGraph }) }, view)
}

/** For everybody, whoever's page it is where it is shared from. */
const sharedTitle = ({ definition, locale: { words } }: PollPage): string =>
  `${words.submission.somebodys.heading}: ${definition.title}`

const shareOf = ({ context }: PagesScope, id: string, submission: CastSubmission, page: PollPage) =>
  shareBlock(page, context, {
    path: submissionLink({ base: '' }, id),
    picture: submissionPicture(page.locale, id),
    pictureAlt: submissionAlt(submission, page),
  })

const PATIENCE_MS = 400
const PAUSE_MS = 40

/** The results, if possible with what the person has just sent in them: the projector needs a moment. */
async function currentResults({ context }: PagesScope, poll: string, position: Position): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await context.results.results(poll)
    if (answer.aggregate.position >= position || Date.now() >= deadline) return answer
    await setTimeout(PAUSE_MS)
  }
}

/** None of these pages is for search engines. */
const frameFor = (
  request: SubmissionRequest,
  { locale, links, lang, definition }: PollPage,
  title: string,
  scripts: readonly string[],
): PageFrame =>
  frameOf({
    ...{ locale, links, pollLang: lang, title, scripts: ['receipt.js', ...scripts] },
    ...{ address: addressOf(request), resultsOf: definition.poll },
  })
