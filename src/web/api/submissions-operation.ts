/** How the API's description tells of submissions as files. */
import { z } from 'zod'
import type { ExportFormat } from '../../queries/exports/formats.ts'
import { exportFormats, mediaTypes } from '../../queries/exports/formats.ts'
import { ExportSidecar } from '../../queries/exports/sidecar.ts'
import { problemResponses } from './problem-responses.ts'
import { PollParameters } from './schemas.ts'
import { SubmissionsParameters } from './submissions-query.ts'

const pseudonym = '9f2c41d07be84a3f5c6d1e2b8a90f734'

const examples: Readonly<Record<ExportFormat, string>> = {
  csv: [
    'pseudonym,submitted_at,changed_at,position,health,education,defense',
    `${pseudonym},2026-11-23T10:00:00.000Z,2026-11-24T08:30:00.000Z,1234,50,37.5,12.5`,
    '',
  ].join('\r\n'),
  ndjson: `{"pseudonym":"${pseudonym}","submittedAt":"2026-11-23T10:00:00.000Z","changedAt":"2026-11-24T08:30:00.000Z","position":"1234","allocation":{"health":5000,"education":3750,"defense":1250}}\n`,
  parquet: 'PAR1…',
  pb: [
    'META',
    'key;value',
    'description;How should the federal budget be spent?',
    'num_votes;1',
    'vote_type;cumulative',
    'max_sum_points;10000',
    'PROJECTS',
    'project_id;cost;name',
    'health;10000;Healthcare',
    'VOTES',
    'voter_id;vote;points',
    `${pseudonym};health,education,defense;5000,3750,1250`,
    '',
  ].join('\n'),
}

const meanings: Readonly<Record<ExportFormat, string>> = {
  csv: 'RFC 4180, UTF-8, a header line; shares in **percent** with at most two decimals. `taxbudget import` reads it',
  ndjson: 'One object a line; shares in basis points',
  parquet:
    'Text, timestamps in UTC, int64 and int32 (basis points), Snappy; poll, position, time and definition are in the key-value metadata under `taxbudget.*`',
  pb: 'Pabulib, cumulative votes: each category is a project, each submission divides 10 000 points. `taxbudget import` reads it',
}

const content = Object.fromEntries(
  exportFormats.map((format) => [
    mediaTypes[format].split(';', 1)[0]!,
    {
      schema: z
        .string()
        .describe(meanings[format])
        .meta({ examples: [examples[format]] }),
    },
  ]),
)

export const submissionsOperation = {
  tags: ['Submissions'],
  operationId: 'getSubmissions',
  summary: 'The anonymised data: every counted submission, as a file',
  description: `One row for each submission that counts at that moment, with its value then, in the order of \`position\`: of the
event that gave it this value. What was withdrawn or excluded is not in it. Results of the same moment are what the rows
add up to: \`taxbudget recount FILE\` proves it.

**Pseudonyms.** A row's \`pseudonym\` follows from the receipt of its submission: who holds the receipt finds their row
(the first 32 hexadecimal digits of the SHA-256 of \`taxbudget pseudonym\` and the SHA-256 of the receipt, see the
README). It stays the same when the submission is revised. The address of the submission's page cannot be had from the row; who has
that address can find the row by what the page shows.

**Which moment.** \`Taxbudget-Poll\`, \`Taxbudget-Position\` and \`Taxbudget-As-Of\` say what the file is of; asking for
that \`position\` again gives the same bytes, and the same \`ETag\`: \`Link: <…>; rel="bookmark"\` is its address, and
may be kept for good. With \`asOf\` and \`position\` both it is what had
occurred up to that time as far as the log knew it at that position.

**Whether it is whole.** A whole answer ends with the trailers \`Repr-Digest\` (RFC 9530, SHA-256) and
\`Taxbudget-Rows\`; one that fails in the middle is cut off, and so is one
of which less than 512 kB are taken in a minute. The same with \`digest\` gives both as JSON, with the
results: save it as FILE.json beside FILE.

**In pages.** With \`limit\`, \`Link: <…>; rel="next"\` leads from page to page, all of the moment of the first; each has
\`Repr-Digest\` and \`Taxbudget-Rows\` among its headers.`,
  params: PollParameters,
  querystring: SubmissionsParameters,
  headers: z.object({
    accept: z.string().optional().describe('Chooses the format where `format` does not'),
    'if-none-match': z.string().optional().describe('ETag of the file that you have'),
  }),
  response: {
    200: {
      description: 'The file; with `digest` what is beside it',
      content: { ...content, 'application/json': { schema: ExportSidecar } },
    },
    304: z.undefined().describe('You have the file already'),
    ...problemResponses(
      'POLL_NOT_FOUND',
      'POSITION_NOT_FOUND',
      'NOT_ACCEPTABLE',
      'INVALID_REQUEST',
      'RESULTS_UNAVAILABLE',
      'REPLAY_BUSY',
      'SUBMISSIONS_UNAVAILABLE',
      'EXPORT_BUSY',
    ),
  },
}
