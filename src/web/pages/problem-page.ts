import type { FastifyReply } from 'fastify'
import { type Problem, type ProblemCode, problems } from '../../errors.ts'
import { neverStored } from '../cache-control.ts'
import { problemHeaders } from '../send-problem.ts'
import { defaultLinks, type PollLinks } from './links.ts'
import { securityHeaders } from './security-headers.ts'
import { render, sendPage } from './views.ts'

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
  readonly resend?: { readonly action: string; readonly fields: readonly (readonly [string, string])[] }
}

/** What people can do about a refusal; `title` and `detail` of the problem say what it is. */
const advice: Partial<Record<ProblemCode, string>> = {
  NOT_FOUND: 'The address may be mistyped, or the page may have moved.',
  SUBMISSION_NOT_FOUND: 'If you have only just submitted, wait a moment and load this page again.',
  POLL_CLOSED: 'It takes no more submissions, but its results stay.',
  WRONG_RECEIPT: 'Only who holds the receipt can change a submission. Enter it on the submission’s page.',
  BODY_TOO_LARGE: 'What was sent is far larger than this form can be.',
  TOO_MANY_REQUESTS: 'Please wait a little and try again.',
  INTERNAL_ERROR: 'Please try again in a moment.',
  EVENT_LOG_UNAVAILABLE: 'The results can still be read meanwhile.',
  RESULTS_UNAVAILABLE: 'Nothing is lost, and submissions are still taken. Please try again in a moment.',
  REPLAY_BUSY: 'Please try again in a moment.',
}

/** Words for a form's own refusals, where the table speaks to programs. */
const titles: Partial<Record<ProblemCode, string>> = {
  INVALID_REQUEST: 'That moment cannot be shown',
  POSITION_NOT_FOUND: 'The record has not come that far',
  UNSUPPORTED_MEDIA_TYPE: 'This page takes only what its own form sends',
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
  { links = defaultLinks, resend, back }: ProblemPageOptions = {},
): Promise<FastifyReply> {
  const heading = titles[problem.code] ?? problems[problem.code].title
  const text = [problem.detail, advice[problem.code]].filter((line) => line !== undefined)
  const goBack = back === undefined ? [] : [{ href: back, label: 'Go back' }]
  const actions = [...goBack, ...actionsFor(problem.code, links)]
  const view = { heading, text, actions, ...(resend && { resend }) }
  return sendMessage(problemHeaders(reply, problem), view, links)
}

/** Sends a message page that nobody may keep. */
export async function sendMessage(
  reply: FastifyReply,
  view: MessageView,
  links: PollLinks = defaultLinks,
): Promise<FastifyReply> {
  const html = await render('message', { title: view.heading, links }, view)
  return sendPage(reply.headers(securityHeaders).header('cache-control', neverStored), html)
}

const actionsFor = (code: ProblemCode, links: PollLinks): Action[] => {
  const results = { href: links.results, label: 'See the results' }
  const form = { href: links.form, label: 'Go to the form' }
  return code === 'POLL_CLOSED' || code === 'EVENT_LOG_UNAVAILABLE' ? [results] : [form, results]
}
