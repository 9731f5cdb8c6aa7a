import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Tier } from '../../queries/results.ts'
import { etagOf, isKnown } from '../api/etag.ts'
import { sharedBriefly } from '../cache-control.ts'
import type { Moment } from '../moment.ts'
import { permanentQuery } from '../permanent-link.ts'
import { whileConnected } from '../while-connected.ts'
import { pagesVersion } from './assets.ts'
import { pollLinks } from './links.ts'
import { momentOf, momentView } from './moment-form.ts'
import type { PagesScope } from './plugin.ts'
import { resultsPageView } from './results-page-view.ts'
import { render, sendPage } from './views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The collective budget. */
export function resultsRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const page = pageCache(scope)
  const show = async (request: PollRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { context } = scope
    const poll = request.params.poll ?? context.defaultPoll
    const moment = momentOf(request.query, context.commands.now)
    const past = moment && { ...moment, signal: whileConnected(reply) }
    const answer = await context.results.results(poll, past)
    // A new version of the pages is a new page, though the position is the same.
    const etag = `${etagOf(answer).slice(0, -1)}.${pagesVersion}"`
    reply.headers({
      'cache-control': sharedBriefly,
      etag: `W/${etag}`,
      'server-timing': answer.tier,
      vary: 'accept-encoding',
    })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return sendPage(reply, await page(answer, moment))
  }
  fastify.get('/results', show)
  fastify.get('/polls/:poll/results', show)
}

/**
 * Renders each aggregate once for every tier that gives it: a snapshot is looked at thousands of times. A moment of the
 * past can be asked for in many ways, and is rendered for each.
 */
function pageCache({ context }: PagesScope): (answer: Answer, moment: Moment | undefined) => Promise<string> {
  const rendered = new WeakMap<Answer['aggregate'], Partial<Record<Tier, Promise<string>>>>()
  return (answer, moment) => {
    const { aggregate, tier } = answer
    const { poll, title } = aggregate.definition
    const links = pollLinks(poll, context.defaultPoll)
    const frame = { title: `Results: ${title}`, links, current: 'results' } as const
    const draw = () => {
      const permanent = links.results + permanentQuery(aggregate, moment?.asOf)
      const view = momentView(links.results, moment, { permanent, publicUrl: context.publicUrl })
      return render('results', frame, resultsPageView(answer, view))
    }
    if (moment) return draw()
    const byTier = rendered.get(aggregate) ?? {}
    rendered.set(aggregate, byTier)
    byTier[tier] ??= draw()
    return byTier[tier]
  }
}
