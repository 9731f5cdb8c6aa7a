import type { FastifyRequest } from 'fastify'
import { localeOf } from '../../locale.ts'
import type { PagesScope } from '../plugin.ts'
import { type PollPage, pollPage } from '../poll-page.ts'

/** Asks for something of a poll; without a name of the default one. */
export type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The poll that is asked for, in the language that is. @throws {Problem} POLL_NOT_FOUND */
export async function askedPoll(scope: PagesScope, request: PollRequest): Promise<PollPage> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  return pollPage(scope, localeOf(request), poll)
}
