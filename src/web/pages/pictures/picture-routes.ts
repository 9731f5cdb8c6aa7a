import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../../errors.ts'
import type { Answer } from '../../../queries/results.ts'
import { etagOf, isKnown } from '../../api/etag.ts'
import { sharedBriefly } from '../../cache-control.ts'
import { type Locale, languageHeaders, localeOf } from '../../locale.ts'
import { submissionAt } from '../../moment.ts'
import type { PagesScope } from '../plugin.ts'
import { pollPage } from '../poll-page.ts'
import { allowUseElsewhere } from '../security-headers.ts'
import type { Drawing } from './drawing.ts'
import { Gallery } from './gallery.ts'
import type { Painter } from './painter.ts'
import { formDrawing, resultsDrawing, submissionDrawing } from './picture-views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>
type SubmissionRequest = FastifyRequest<{ Params: { id: string } }>

/** Others may not keep one person's split: it may be revised or withdrawn. */
const askedEachTime = 'private, no-cache'

/** What a shared link looks like: PNGs of the form, of the results and of a submission, 1200 × 630. */
export function pictureRoutes(fastify: FastifyInstance, scope: PagesScope, painter: Painter): void {
  const gallery = new Gallery(painter)
  const send = (wanted: Promise<Wanted>, request: FastifyRequest, reply: FastifyReply) =>
    sendPicture(scope, gallery, { request, reply, wanted })
  for (const home of ['', '/polls/:poll']) {
    fastify.get(`${home}/picture.png`, (request: PollRequest, reply) =>
      send(pictureOfForm(scope, request), request, reply),
    )
    fastify.get(`${home}/results/picture.png`, (request: PollRequest, reply) =>
      send(pictureOfResults(scope, request), request, reply),
    )
  }
  fastify.get('/submissions/:id/picture.png', (request: SubmissionRequest, reply) =>
    send(pictureOfSubmission(scope, request), request, reply),
  )
}

interface Wanted {
  /** One picture at a time is kept for each name and language. */
  readonly name: string
  /** Changes with what the picture shows. */
  readonly tag: string
  readonly cacheControl: string
  readonly drawing: (locale: Locale) => Drawing
}

async function pictureOfForm(scope: PagesScope, { params }: PollRequest): Promise<Wanted> {
  const summary = await scope.polls.get(params.poll ?? scope.context.defaultPoll)
  return {
    ...{ name: `form ${summary.definition.poll}`, tag: 'form', cacheControl: sharedBriefly },
    drawing: (locale) => formDrawing(pollPage(scope, locale, summary)),
  }
}

async function pictureOfResults(scope: PagesScope, { params }: PollRequest): Promise<Wanted> {
  const answer = await scope.context.results.results(params.poll ?? scope.context.defaultPoll)
  const { aggregate } = answer
  return {
    ...{ name: `results ${aggregate.definition.poll}`, tag: tagOf(answer), cacheControl: sharedBriefly },
    drawing: (locale) => resultsDrawing(aggregate, pollPage(scope, locale, aggregate)),
  }
}

async function pictureOfSubmission(scope: PagesScope, { params }: SubmissionRequest): Promise<Wanted> {
  const id = params.id.toLowerCase()
  const { state, position } = await submissionAt(scope.context, id, undefined)
  if (state.status === 'withdrawn') throw new Problem('SUBMISSION_WITHDRAWN')
  if (state.status === 'excluded') throw new Problem('SUBMISSION_EXCLUDED')
  const summary = await scope.polls.get(state.poll)
  // As on its page, the split itself can be shown without everyone's.
  const answer = await scope.context.results.results(state.poll).catch(() => undefined)
  return {
    name: `${id} ${position}`,
    tag: `${position}.${answer ? tagOf(answer) : 'alone'}`,
    cacheControl: askedEachTime,
    drawing: (locale) => submissionDrawing(state, answer?.aggregate, pollPage(scope, locale, summary)),
  }
}

const tagOf = (answer: Answer): string => etagOf(answer).slice(1, -1)

interface Asked {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly wanted: Promise<Wanted>
}

async function sendPicture(
  { version }: PagesScope,
  gallery: Gallery,
  { request, reply, wanted }: Asked,
): Promise<FastifyReply> {
  const locale = localeOf(request)
  const { name, tag, cacheControl, drawing } = await wanted
  const known = request.headers['if-none-match']
  const describe = (etag: string) =>
    allowUseElsewhere(reply).headers({
      ...languageHeaders(locale),
      ...{ 'cache-control': cacheControl, etag: `W/${etag}` },
    })
  const newest = `"${tag}.${version}.${locale.language}"`
  if (isKnown(known, newest)) return describe(newest).code(304).send()
  const sketch = () => ({ drawing: drawing(locale) })
  const { etag, png } = await gallery.picture(`${name} ${locale.language}`, newest, sketch)
  if (isKnown(known, etag)) return describe(etag).code(304).send()
  return describe(etag).type('image/png').send(png)
}
