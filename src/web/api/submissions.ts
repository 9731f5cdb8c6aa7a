import { finished } from 'node:stream/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Exports } from '../../queries/exports/exports.ts'
import { mediaTypes } from '../../queries/exports/formats.ts'
import type { KnownMoment } from '../../queries/exports/moments.ts'
import { type ExportSidecar, sidecarOf } from '../../queries/exports/sidecar.ts'
import { chosenBy, sharedBriefly } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { described } from './described.ts'
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
        'cache-control': sharedBriefly,
        'taxbudget-poll': poll,
        'taxbudget-position': moment.position.toString(),
        'taxbudget-as-of': moment.asOf,
        'x-content-type-options': 'nosniff',
      })
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      // Nobody counts a million rows to say nothing of them.
      const whole = request.method !== 'HEAD'
      if (asked.digest)
        return reply
          .type('application/json; charset=utf-8')
          .send(whole ? await sidecar(context.exports, moment, asked, reply) : undefined)
      reply.headers({
        'content-type': mediaTypes[asked.format],
        'content-disposition': `attachment; filename="${fileName(moment, asked)}"`,
      })
      if (asked.page) return await sendPage(context.exports, moment, asked, reply)
      if (!whole) return reply.send()
      return await sendWhole(context.exports, moment, asked, reply)
    },
  )
}

/** What was to be said of a file is not said of a refusal: then the server's own handler tells it. */
function forgetFile(error: unknown, _: FastifyRequest, reply: FastifyReply): never {
  for (const name of ['etag', 'content-disposition', 'trailer', 'transfer-encoding']) reply.removeHeader(name)
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
  const { body, exported } = await exports.open(moment, format)
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
  if (next !== undefined) {
    const query = new URLSearchParams({
      format: asked.format,
      position: moment.position.toString(),
      ...(moment.at.asOf !== undefined && { asOf: moment.at.asOf }),
      after: next.toString(),
      limit: String(asked.page!.limit),
    })
    reply.header('link', `</api/polls/${moment.definition.poll}/submissions?${query}>; rel="next"`)
  }
  return reply.send(bytes)
}

/** Makes the whole file, and keeps nothing of it but its digest. */
async function sidecar(
  exports: Exports,
  moment: KnownMoment,
  { format }: SubmissionsAsked,
  reply: FastifyReply,
): Promise<ExportSidecar> {
  const published = await exports.published(moment.definition.poll, moment.at)
  const { body, exported } = await exports.open(moment, format)
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

/** RFC 9530. */
const digestField = (sha256: string): string => `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
