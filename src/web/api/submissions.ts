import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Position } from '../../events/event-log.ts'
import type { Exports } from '../../queries/exports/exports.ts'
import { mediaTypes } from '../../queries/exports/formats.ts'
import type { KnownMoment } from '../../queries/exports/moments.ts'
import { type ExportSidecar, sidecarOf } from '../../queries/exports/sidecar.ts'
import { chosenBy, sharedBriefly, sharedForGood } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { described } from './described.ts'
import { digestField } from './digest-field.ts'
import { isKnown } from './etag.ts'
import type { PollParameters } from './schemas.ts'
import { submissionsOperation } from './submissions-operation.ts'
import { readSubmissionsQuery, type SubmissionsAsked } from './submissions-query.ts'

interface Request {
  Params: PollParameters
  Querystring: Record<string, unknown>
}

/** The anonymised data itself, as a file. */
export function submissionsRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  app.get<Request>(
    '/polls/:poll/submissions',
    { ...described(submissionsOperation), errorHandler: forgetFile },
    async (request, reply) => {
      const { poll } = request.params
      const asked = readSubmissionsQuery(request.query, request.headers.accept, context.commands.now)
      const moment = await context.exports.moment(poll, asked.moment)
      const etag = etagOf(moment, asked)
      reply.headers({
        etag,
        ...chosenBy('accept'),
        'cache-control': cacheControl(moment, asked),
        link: `<${addressOf(moment, asked, asked.page?.after)}>; rel="bookmark"`,
        'taxbudget-poll': poll,
        'taxbudget-position': moment.position.toString(),
        'taxbudget-as-of': moment.asOf,
        'x-content-type-options': 'nosniff',
      })
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      // Nobody counts a million rows to say nothing of them: not even how long they are.
      const unmade = request.method === 'HEAD' && !asked.page ? Readable.from([]) : undefined
      if (asked.digest)
        return reply
          .type('application/json; charset=utf-8')
          .send(unmade ?? (await sidecar(context.exports, moment, asked, reply)))
      reply.headers({
        'content-type': mediaTypes[asked.format],
        'content-disposition': `attachment; filename="${fileName(moment, asked)}"`,
      })
      if (asked.page) return await sendPage(context.exports, moment, asked, reply)
      if (unmade) return reply.send(unmade)
      return await sendWhole(context.exports, moment, asked, reply)
    },
  )
}

/** What was to be said of a file is not said of a refusal: then the server's own handler tells it. */
function forgetFile(error: unknown, _: FastifyRequest, reply: FastifyReply): never {
  for (const name of ['etag', 'link', 'content-disposition', 'trailer', 'transfer-encoding'])
    reply.removeHeader(name)
  for (const name of trailers) if (reply.hasTrailer(name)) reply.removeTrailer(name)
  throw error
}

const trailers = ['repr-digest', 'taxbudget-rows'] as const

async function sendWhole(
  exports: Exports,
  moment: KnownMoment,
  { format }: SubmissionsAsked,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body, exported } = await exports.open(moment, format, reply.request.ip)
  // Known at the end alone; an answer that is cut off has neither.
  reply.trailer('repr-digest', async () => digestField(exported().sha256))
  reply.trailer('taxbudget-rows', async () => String(exported().rows))
  return reply.send(body)
}

async function sendPage(
  exports: Exports,
  moment: KnownMoment,
  asked: SubmissionsAsked,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { bytes, rows, sha256, next } = await exports.page(moment, asked.format, asked.page!)
  reply.headers({ 'repr-digest': digestField(sha256), 'taxbudget-rows': String(rows) })
  if (next !== undefined)
    reply.header('link', `${reply.getHeader('link')}, <${addressOf(moment, asked, next)}>; rel="next"`)
  return reply.send(bytes)
}

/** Where these very bytes stay; of a page that begins after another position, its own. */
function addressOf(
  { definition, position, at: { asOf } }: KnownMoment,
  { format, page, digest }: SubmissionsAsked,
  after?: Position,
): string {
  const query = new URLSearchParams({
    format,
    position: position.toString(),
    ...(asOf !== undefined && { asOf }),
    ...(page && { after: String(after), limit: String(page.limit) }),
    ...(digest && { digest: 'true' }),
  })
  return `/api/polls/${definition.poll}/submissions?${query}`
}

/** As results: what stands up to a position never changes, but for what is parked. */
const cacheControl = ({ parked }: KnownMoment, { moment }: SubmissionsAsked): string =>
  moment.position !== undefined && parked === 0 ? sharedForGood : sharedBriefly

/** Makes the whole file, and keeps nothing of it but its digest. */
async function sidecar(
  exports: Exports,
  moment: KnownMoment,
  { format }: SubmissionsAsked,
  reply: FastifyReply,
): Promise<ExportSidecar> {
  const published = await exports.published(moment.definition.poll, moment.at)
  const { body, exported } = await exports.open(moment, format, reply.request.ip)
  const gone = () => body.destroy()
  reply.raw.once('close', gone)
  await finished(body.resume()).finally(() => reply.raw.off('close', gone))
  return sidecarOf(format, published, exported())
}

/** Raised whenever the same moment is written otherwise than before. */
const WRITTEN = 1

const etagOf = (
  { position, at: { asOf } }: KnownMoment,
  { format, page, digest }: SubmissionsAsked,
): string =>
  `"${[
    position,
    format,
    WRITTEN,
    ...(asOf === undefined ? [] : [`t${Date.parse(asOf)}`]),
    ...(page ? [`${page.after}+${page.limit}`] : []),
    ...(digest ? ['digest'] : []),
  ].join('.')}"`

const fileName = ({ definition, position, at }: KnownMoment, { format, page }: SubmissionsAsked): string =>
  `${[
    definition.poll,
    position,
    ...(at.asOf === undefined ? [] : [at.asOf.replaceAll(/[:.]/g, '-')]),
    ...(page ? [`after-${page.after}`] : []),
  ].join('-')}.${format}`
