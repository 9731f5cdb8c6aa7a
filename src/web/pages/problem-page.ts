import type { FastifyReply } from 'fastify'
import type { Problem, ProblemCode } from '../../errors.ts'
import { neverStored } from '../cache-control.ts'
import { type Locale, localeOf } from '../locale.ts'
import { problemHeaders } from '../send-problem.ts'
import { addressOf, frameOf } from './frame.ts'
import { type PollLinks, pollLinks } from './links.ts'
import { sentenceFor } from './page-problem.ts'
import { securityHeaders } from './security-headers.ts'
import { sendPage } from './views.ts'

interface Action {
  readonly href: string
  readonly label: string
}

/** A page that says one thing and where to go from there. */
export interface MessageView {
  readonly heading: string
  readonly text: readonly string[]
  readonly actions: readonly Action[]
  /** What a person entered, to be sent again with one press. */
  readonly resend?: {
    readonly action: string
    readonly fields: readonly (readonly [string, string])[]
    /** Instead of the usual words. */
    readonly text?: string
    readonly label?: string
  }
}

interface ProblemPageOptions {
  readonly links?: PollLinks
  readonly resend?: MessageView['resend']
  /** Address to go back to. */
  readonly back?: string
}

/**
 * Answers with a page that a person can act on: never a stack trace, never a part of the machinery. Works for any
 * reply, inside or outside the pages' own scope.
 */
export async function renderProblemPage(
  reply: FastifyReply,
  problem: Problem,
  options: ProblemPageOptions = {},
): Promise<FastifyReply> {
  const locale = localeOf(reply.request)
  const { links = pollLinks(locale), resend, back } = options
  const { title, advice } = locale.words.problems.pages[problem.code]
  const text = [sentenceFor(problem, locale), advice].filter((line) => line !== undefined)
  const goBack = back === undefined ? [] : [{ href: back, label: locale.words.common.goBack }]
  const actions = [...goBack, ...actionsFor(problem.code, links, locale)]
  const view = { heading: title, text, actions, ...(resend && { resend }) }
  return sendMessage(problemHeaders(reply, problem), view, links)
}

/** Sends a message page that nobody may keep. */
export async function sendMessage(
  reply: FastifyReply,
  view: MessageView,
  links: PollLinks,
): Promise<FastifyReply> {
  const { request } = reply
  const locale = localeOf(request)
  const frame = frameOf({ locale, title: view.heading, links, address: addressOf(request) })
  return sendPage(reply.headers({ ...securityHeaders, 'cache-control': neverStored }), 'message', frame, view)
}

const actionsFor = (code: ProblemCode, links: PollLinks, { words }: Locale): Action[] => {
  const results = { href: links.results, label: words.common.seeResults }
  const form = { href: links.form, label: words.common.goToForm }
  return code === 'POLL_CLOSED' || code === 'EVENT_LOG_UNAVAILABLE' ? [results] : [form, results]
}
