import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Tier } from '../../queries/results.ts'
import { etagOf, isKnown } from '../api/etag.ts'
import { sharedBriefly } from '../cache-control.ts'
import { pagesVersion } from './assets.ts'
import { pollLinks } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { resultsPageView } from './results-page-view.ts'
import { render, sendPage } from './views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The collective budget. */
export function resultsRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const page = pageCache(scope)
  const show = async (request: PollRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await scope.context.results.results(request.params.poll ?? scope.context.defaultPoll)
    // A new version of the pages is a new page, though the position is the same.
    const etag = `${etagOf(answer).slice(0, -1)}.${pagesVersion}"`
    reply.headers({
      'cache-control': sharedBriefly,
      etag: `W/${etag}`,
      'server-timing': answer.tier,
      vary: 'accept-encoding',
    })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return sendPage(reply, await page(answer))
  }
  fastify.get('/results', show)
  fastify.get('/polls/:poll/results', show)
}

/** Renders each aggregate once for every tier that gives it: a snapshot is looked at thousands of times. */
function pageCache({ context }: PagesScope): (answer: Answer) => Promise<string> {
  const rendered = new WeakMap<Answer['aggregate'], Partial<Record<Tier, Promise<string>>>>()
  return (answer) => {
    const { aggregate, tier } = answer
    const byTier = rendered.get(aggregate) ?? {}
    rendered.set(aggregate, byTier)
    const { poll, title } = aggregate.definition
    const frame = {
      title: `Results: ${title}`,
      links: pollLinks(poll, context.defaultPoll),
      current: 'results',
    } as const
    byTier[tier] ??= render('results', frame, resultsPageView(answer))
    return byTier[tier]
  }
}
