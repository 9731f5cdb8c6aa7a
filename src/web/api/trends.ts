import { createHash, hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { bucketKinds } from '../../queries/calendar.ts'
import type { Trends } from '../../queries/trends.ts'
import { trendsCsv } from '../../queries/trends-csv.ts'
import { MOST_BUCKETS, trendsDetails, trendsViews } from '../../queries/trends-request.ts'
import { TrendsView, trendsView } from '../../queries/trends-view.ts'
import { chosenBy, sharedBriefly } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { encoders, encodingFor } from '../encodings.ts'
import { whileConnected } from '../while-connected.ts'
import { described } from './described.ts'
import { digestField } from './digest-field.ts'
import { isKnown } from './etag.ts'
import { problemResponses } from './problem-responses.ts'
import { PollParameters } from './schemas.ts'
import { formats, readTrendsQuery } from './trends-query.ts'

const moment = 'a day of the zone such as 2026-11-23, or a time such as 2026-11-23T10:00:00Z'

/** For the description alone: what comes in is read by `readTrendsQuery`. */
const Parameters = z.object({
  bucket: z
    .enum(bucketKinds)
    .optional()
    .describe(
      `Weeks begin on Monday. At most ${MOST_BUCKETS.sums} buckets, ${MOST_BUCKETS.full} with detail=full; if left out, one that suits the range`,
    ),
  from: z
    .string()
    .optional()
    .describe(`From ${moment}; the first submission if left out`)
    .meta({ examples: ['2026-01-01'] }),
  to: z
    .string()
    .optional()
    .describe(`To the end of ${moment} (not included); now if left out`)
    .meta({ examples: ['2026-11-23'] }),
  tz: z
    .string()
    .optional()
    .describe('Name of a time zone of the IANA database; UTC if left out')
    .meta({ examples: ['America/New_York'] }),
  view: z
    .enum(trendsViews)
    .optional()
    .describe(
      'period (if left out): what people whose submission was first cast in the bucket want, at its current value. cumulative: the collective budget as it stood at the end of the bucket',
    ),
  detail: z
    .enum(trendsDetails)
    .optional()
    .describe('sums (if left out): counts, sums and means. full: medians, quantiles, truthful budgets too'),
  format: z.enum(formats).optional().describe('For links; otherwise `Accept` decides'),
})

const example = {
  poll: 'us-federal',
  tier: 'projection',
  position: '1234',
  asOf: '2026-03-09T01:02:03.456Z',
  parked: 0,
  view: 'period',
  bucket: 'day',
  tz: 'America/New_York',
  from: '2026-03-08T00:00:00-05:00',
  to: '2026-03-09T00:00:00-04:00',
  total: 10_000,
  categories: [
    { id: 'health', label: 'Healthcare' },
    { id: 'other', label: 'Other' },
  ],
  buckets: [
    {
      start: '2026-03-08T00:00:00-05:00',
      end: '2026-03-09T00:00:00-04:00',
      startUtc: '2026-03-08T05:00:00.000Z',
      endUtc: '2026-03-09T04:00:00.000Z',
      complete: true,
      ...{ counted: 2, excluded: 0, withdrawn: 1 },
      sums: [15_000, 5000],
      means: [7500, 2500],
    },
  ],
} satisfies TrendsView

const csvExample = [
  'start,end,start_utc,end_utc,complete,counted,excluded,withdrawn,health_sum,health_mean,other_sum,other_mean',
  '2026-03-08T00:00:00-05:00,2026-03-09T00:00:00-04:00,2026-03-08T05:00:00.000Z,2026-03-09T04:00:00.000Z,true,2,0,1,15000,7500,5000,2500',
].join('\r\n')

const operation = {
  tags: ['Results'],
  operationId: 'getTrends',
  summary: 'How the collective budget moved, by hour, day, week or month',
  description:
    'Buckets are whole: the first holds `from`, the last what is just before `to`, and one that is not over has `complete: false`. They follow the zone’s clocks: a day may have 23 or 25 hours, an hour that occurs twice is two buckets. Buckets in which nobody took part are there. The `ETag` is made of the position and of what was asked. `Taxbudget-Poll`, `Taxbudget-Position` and `Taxbudget-As-Of` say what the answer is of, `Repr-Digest` (RFC 9530) has the SHA-256 of its bytes as they are sent: compressed, if you accept that.',
  params: PollParameters,
  querystring: Parameters,
  headers: z.object({
    accept: z.string().optional().describe('`text/csv` for CSV'),
    'if-none-match': z.string().optional().describe('ETag of the answer that you have'),
  }),
  response: {
    200: {
      description: 'The trends; shares in basis points',
      content: {
        'application/json': { schema: TrendsView.meta({ examples: [example] }) },
        'text/csv': {
          schema: z
            .string()
            .describe('One line for each bucket')
            .meta({ examples: [csvExample] }),
        },
      },
    },
    304: z.undefined().describe('Nothing has changed since the ETag that you sent'),
    ...problemResponses('POLL_NOT_FOUND', 'INVALID_REQUEST', 'RESULTS_UNAVAILABLE', 'REPLAY_BUSY'),
  },
}

/** Time views. */
export function trendsRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  app.get<{ Params: PollParameters; Querystring: Record<string, unknown> }>(
    '/polls/:poll/trends',
    described(operation),
    async (request, reply) => {
      const { params, query, headers } = request
      const { request: asked, format } = readTrendsQuery(query, headers.accept)
      const encoding = encodingFor(headers['accept-encoding'])
      const started = performance.now()
      const signal = whileConnected(reply)
      const trends = await context.trends.trends(params.poll, asked, signal)
      const describeAs = (answer: Trends) =>
        reply.headers({
          etag: `"${[trendsTag(answer), format, ...(encoding === 'identity' ? [] : [encoding])].join('.')}"`,
          'cache-control': sharedBriefly,
          ...chosenBy('accept, accept-encoding'),
          'server-timing': `projection;dur=${(performance.now() - started).toFixed(1)}`,
        })
      describeAs(trends)
      reply.headers(momentHeaders(trends))
      if (isKnown(headers['if-none-match'], String(reply.getHeader('etag')))) return reply.code(304).send()
      const answer = asked.detail === 'full' ? await context.trends.detailed(trends, signal) : trends
      describeAs(answer)
      const text = format === 'csv' ? trendsCsv(answer) : JSON.stringify(trendsView(answer))
      const body = await encoders[encoding](Buffer.from(text))
      if (encoding !== 'identity') reply.header('content-encoding', encoding)
      if (format === 'csv') reply.header('content-disposition', `attachment; filename="${fileName(answer)}"`)
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
        .header('repr-digest', digestField(hash('sha256', body)))
        .send(body)
    },
  )
}

/** What the answer is of, as exports say it. */
const momentHeaders = ({ definition, position, asOf }: Trends): Record<string, string> => ({
  'taxbudget-poll': definition.poll,
  'taxbudget-position': position.toString(),
  ...(asOf !== null && { 'taxbudget-as-of': asOf }),
})

const fileName = ({ definition, view, bucket, zone, position }: Trends): string =>
  `${[definition.poll, view, 'by', bucket, zone.replaceAll('/', '-'), position].join('-')}.csv`

/** Changes whenever the answer does: made of its position and of what was asked, as it was understood. */
export function trendsTag(trends: Trends): string {
  const { position, version, zone, bucket, view, detail, calendar, complete } = trends
  const asked = [zone, bucket, view, detail, calendar.utc[0], calendar.utc.at(-1), complete, version].join(
    ' ',
  )
  return `${position}.${createHash('sha256').update(asked).digest('base64url').slice(0, 12)}`
}
