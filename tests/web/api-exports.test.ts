/** The data itself, through HTTP. */
import { createHash } from 'node:crypto'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashReceipt } from '../../src/commands/receipt.ts'
import type { SubmissionRows } from '../../src/projections/submission-rows.ts'
import { Exports } from '../../src/queries/exports/exports.ts'
import { ExportSidecar } from '../../src/queries/exports/sidecar.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { buildServer } from '../../src/web/server.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import {
  ask,
  expectDescribed,
  expectProblem,
  rightAllocation,
  type SubmittedAnswer,
  submit,
} from './api-client.ts'
import { contextOf } from './context.ts'
import { digestField, download } from './download.ts'

let service: TestService
const receipts: SubmittedAnswer[] = []
let revised: string
let path: string

const COUNT = 30
const other = { health: 10_000 }

beforeAll(async () => {
  service = await startTestService()
  path = `${service.url}/api/polls/us-federal/submissions`
  for (let n = 0; n < COUNT; n++) receipts.push(await submit(service.url, n % 2 ? rightAllocation : other))
  const change = (index: number, method: string, json?: object) =>
    ask(`${service.url}/api/submissions/${receipts[index]!.submission}`, {
      method,
      headers: { receipt: receipts[index]!.receipt },
      ...(json && { json }),
    })
  await change(4, 'DELETE')
  const answer = await change(3, 'PUT', { allocation: { education: 5000, defense: 5000 } })
  revised = (answer.json as { position: string }).position
  await eventually(async () => {
    const { position } = (await ask(`${service.url}/api/polls/us-federal/results`)).json as ResultsView
    expect(position).toBe(revised)
  })
})
afterAll(() => service.close())

/** The name of a row that its owner computes: see the README. */
const pseudonymOf = (receipt: string) =>
  createHash('sha256')
    .update(`taxbudget pseudonym\n${hashReceipt(receipt)}`)
    .digest('hex')
    .slice(0, 32)

const csv = (bytes: Buffer) => parse(bytes, { columns: true }) as Record<string, string>[]

describe('a whole file', () => {
  it('as CSV has a row for each counted submission, found by its owner, and nothing that leads to its page', async () => {
    const { status, headers, trailers, bytes, complete } = await download(`${path}?format=csv`)
    expect([status, complete]).toEqual([200, true])
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="us-federal-${revised}.csv"`,
      'taxbudget-poll': 'us-federal',
      'taxbudget-position': revised,
      trailer: 'repr-digest taxbudget-rows',
    })
    expect(Date.parse(headers['taxbudget-as-of'] as string)).toBeGreaterThan(Date.now() - 60_000)
    expect(trailers).toEqual({
      'repr-digest': digestField(bytes),
      'taxbudget-rows': String(COUNT - 1),
    })
    const rows = csv(bytes)
    expect(rows.length).toBe(COUNT - 1)
    const own = rows.find(({ pseudonym }) => pseudonym === pseudonymOf(receipts[3]!.receipt))!
    expect(own).toMatchObject({ position: revised, health: '0', education: '50', defense: '50' })
    expect(own.changed_at! > own.submitted_at!).toBe(true)
    expect(rows.some(({ pseudonym }) => pseudonym === pseudonymOf(receipts[4]!.receipt))).toBe(false)
    for (const { submission } of receipts)
      for (const text of [submission, submission.replaceAll('-', '')])
        expect(bytes.includes(text)).toBe(false)
  })

  it('is the same rows in every format', async () => {
    const expected = csv((await download(`${path}?format=csv`)).bytes).map(({ pseudonym }) => pseudonym)
    const ndjson = (await download(`${path}?format=ndjson`)).bytes.toString().trimEnd().split('\n')
    expect(ndjson.map((line) => JSON.parse(line).pseudonym)).toEqual(expected)
    const parquet = new Uint8Array((await download(`${path}?format=parquet`)).bytes).buffer
    expect((await parquetReadObjects({ file: parquet })).map(({ pseudonym }) => pseudonym)).toEqual(expected)
    const metadata = await parquetMetadataAsync(parquet)
    expect(metadata.key_value_metadata).toContainEqual({ key: 'taxbudget.position', value: revised })
    const pb = (await download(`${path}?format=pb`)).bytes.toString()
    expect(pb).toContain(`\nnum_votes;${COUNT - 1}\n`)
    const votes = pb.slice(pb.indexOf('VOTES\n')).trimEnd().split('\n').slice(2)
    expect(votes.map((line) => line.split(';')[0])).toEqual(expected)
  })

  it.each(['csv', 'ndjson', 'parquet', 'pb'])(
    'as %s is the same bytes whenever its position is asked',
    async (format) => {
      const now = await download(`${path}?format=${format}`)
      const pinned = await download(`${path}?format=${format}&position=${revised}`)
      expect(pinned.bytes.equals(now.bytes)).toBe(true)
      expect(pinned.headers.etag).toBe(now.headers.etag)
      const known = await download(`${path}?format=${format}`, { 'if-none-match': now.headers.etag! })
      expect([known.status, known.bytes.length]).toEqual([304, 0])
    },
  )

  it('of the past is what counted then', async () => {
    const position = receipts[9]!.position
    const { headers, bytes } = await download(`${path}?format=csv&position=${position}`)
    expect(headers['taxbudget-position']).toBe(position)
    const rows = csv(bytes)
    expect(rows.length).toBe(10)
    expect(rows[3]).toMatchObject({ health: '25', pseudonym: pseudonymOf(receipts[3]!.receipt) })
    const then = rows[9]!.changed_at!
    const asOf = await download(`${path}?format=csv&asOf=${then}`)
    expect(asOf.headers['taxbudget-as-of']).toBe(then)
    // Two may have been cast in the same millisecond.
    expect(csv(asOf.bytes).length).toBeGreaterThanOrEqual(10)
    expect(csv(asOf.bytes).every(({ changed_at }) => changed_at! <= then)).toBe(true)
  })

  it('with digest tells its SHA-256, and the results that it adds up to', async () => {
    const { bytes } = await download(`${path}?format=ndjson`)
    const answer = await ask(`${path}?format=ndjson&digest`)
    const sidecar = expectDescribed(answer, ExportSidecar)
    expect(sidecar).toMatchObject({
      format: 'ndjson',
      position: revised,
      rows: COUNT - 1,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    const { tier, ...published } = (await ask(`${service.url}/api/polls/us-federal/results`))
      .json as ResultsView
    expect(sidecar.published).toMatchObject(published)
  })

  it('is described without being made by HEAD', async () => {
    const { status, headers, text } = await ask(`${path}?format=parquet`, { method: 'HEAD' })
    expect([status, text]).toEqual([200, ''])
    expect(headers.get('content-type')).toBe('application/vnd.apache.parquet')
    expect(headers.get('taxbudget-position')).toBe(revised)
    // How long it is nobody knows before it is made.
    expect(headers.get('content-length')).toBeNull()
    const sidecar = await ask(`${path}?format=parquet&digest`, { method: 'HEAD' })
    expect([sidecar.status, sidecar.headers.get('content-length')]).toEqual([200, null])
    const page = `${path}?format=csv&limit=3`
    const { bytes } = await download(page)
    const described = await ask(page, { method: 'HEAD' })
    expect(described.headers.get('content-length')).toBe(String(bytes.length))
  })

  it.each(['format=csv', 'format=pb', 'format=csv&limit=3', 'format=csv&digest'])(
    'for ?%s has an address where it stays, which may be kept for good',
    async (query) => {
      const now = await download(`${path}?${query}`)
      expect(now.headers['cache-control']).toMatch(/^public, max-age=5,/)
      const [, address] = /^<([^>]+)>; rel="bookmark"/.exec(now.headers.link as string)!
      expect(address).toContain(`position=${revised}`)
      const kept = await download(service.url + address)
      expect(kept.headers).toMatchObject({
        etag: now.headers.etag,
        'cache-control': 'public, max-age=31536000, immutable',
      })
      expect(/^<([^>]+)>; rel="bookmark"/.exec(kept.headers.link as string)![1]).toBe(address)
      if (!query.endsWith('digest')) expect(kept.bytes.equals(now.bytes)).toBe(true)
    },
  )

  it('as of a time names the position that it knows of, too', async () => {
    const { changed_at: then } = csv((await download(`${path}?format=csv`)).bytes)[6]!
    const asOf = await download(`${path}?format=csv&asOf=${then}`)
    expect(asOf.headers['cache-control']).toMatch(/^public, max-age=5,/)
    const [, address] = /^<([^>]+)>; rel="bookmark"/.exec(asOf.headers.link as string)!
    const kept = await download(service.url + address)
    expect(kept.headers['cache-control']).toContain('immutable')
    expect(kept.bytes.equals(asOf.bytes)).toBe(true)
  })
})

describe('the format', () => {
  it.each([
    ['*/*', 'text/csv; charset=utf-8; header=present'],
    ['application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
    ['text/html, application/vnd.apache.parquet;q=0.9, text/csv;q=0.1', 'application/vnd.apache.parquet'],
    ['text/x-pabulib', 'text/x-pabulib; charset=utf-8'],
  ])('for Accept: %s is %s', async (accept, type) => {
    const { headers } = await download(path, { accept })
    expect(headers['content-type']).toBe(type)
    expect(headers.vary).toBe('accept')
  })

  it('that is not there is refused with those that are', async () => {
    const answer = await ask(path, { headers: { accept: 'image/png' } })
    expectProblem(answer, 'NOT_ACCEPTABLE')
    expect((answer.json as { detail: string }).detail).toContain('text/csv')
  })
})

describe('pages', () => {
  it('follow each other by Link, of one moment, though people go on submitting', async () => {
    const rows: Record<string, string>[] = []
    let next: string | undefined = `/api/polls/us-federal/submissions?format=csv&limit=8`
    for (let page = 0; next; page++) {
      const { headers, bytes } = await download(service.url + next)
      expect(headers['repr-digest']).toBe(digestField(bytes))
      expect(headers['taxbudget-position']).toBe(revised)
      expect(headers['content-length']).toBe(String(bytes.length))
      rows.push(...csv(bytes))
      expect(headers['taxbudget-rows']).toBe(String(csv(bytes).length))
      next = /, <([^>]+)>; rel="next"$/.exec((headers.link as string) ?? '')?.[1]
      if (page === 0) await submit(service.url)
    }
    const whole = csv((await download(`${path}?format=csv&position=${revised}`)).bytes)
    expect(rows).toEqual(whole)
  })
})

describe('questions that make no sense', () => {
  it.each([
    ['format=xlsx', ['format wrong-format']],
    ['asof=2020-01-01T00:00:00Z', ['asof unknown-parameter']],
    ['asOf=2999-01-01T00:00:00Z', ['asOf future']],
    ['asOf=1969-01-01T00:00:00Z', ['asOf past']],
    ['asOf=yesterday', ['asOf wrong-format']],
    ['position=-1', ['position wrong-format']],
    ['limit=0', ['limit wrong-format']],
    ['limit=10001', ['limit wrong-format']],
    ['limit=5&limit=6', ['limit wrong-format']],
    ['after=5', ['limit missing', 'position missing']],
    ['after=5&limit=5', ['position missing']],
    ['after=x&limit=x', ['after wrong-format', 'limit wrong-format']],
    ['digest&limit=5', ['digest contradiction']],
    ['digest=no', ['digest wrong-format']],
  ])('are refused for ?%s', async (query, expected) => {
    const errors = expectProblem(await ask(`${path}?${query}`), 'INVALID_REQUEST')
    expect(errors.map(({ field, code }) => `${field} ${code}`)).toEqual(expected)
  })

  it.each(['999999', '9'.repeat(40)])('are refused for the position %s', async (position) => {
    expectProblem(await ask(`${path}?position=${position}`), 'POSITION_NOT_FOUND')
  })

  it('are refused for polls that there are not', async () => {
    const url = `${service.url}/api/polls/nowhere/submissions`
    expectProblem(await ask(url), 'POLL_NOT_FOUND')
    expectProblem(await ask(`${url}?position=1`), 'POLL_NOT_FOUND')
  })
})

describe('what goes wrong in the middle', () => {
  /** A server of its own on the same data, whose rows are as `rows` has them. */
  async function serverWith(rows: SubmissionRows['rows'], options: { stallMs?: number } = {}) {
    const { results, submissionRows } = service.services
    const exports = new Exports({
      rows: { checkpoint: () => submissionRows.checkpoint(), rows },
      results,
      ...options,
    })
    const server = await buildServer(contextOf(service, { exports }))
    const url = await server.listen({ port: 0, host: '127.0.0.1' })
    return { url: `${url}/api/polls/us-federal/submissions`, close: () => server.close(), exports }
  }

  it('given the rows fail, cuts the answer off: no end, no trailers', async () => {
    const server = await serverWith(async function* (poll, at) {
      let batches = 0
      for await (const batch of service.services.submissionRows.rows(poll, at, { limit: 5 })) {
        yield batch
        if (++batches > 0) throw new Error('the database is away')
      }
    })
    for (const format of ['csv', 'ndjson']) {
      const { complete, trailers, bytes } = await download(`${server.url}?format=${format}`)
      expect([complete, trailers]).toEqual([false, {}])
      expect(bytes.length).toBeGreaterThan(100)
    }
    // Nothing has been sent of the first row group yet: it can still be told.
    const answer = await ask(`${server.url}?format=parquet`)
    expectProblem(answer, 'SUBMISSIONS_UNAVAILABLE')
    for (const name of ['content-disposition', 'etag', 'link', 'trailer'])
      expect(answer.headers.get(name)).toBeNull()
    await server.close()
  })

  it('given the rows are not all that count, cuts the answer off', async () => {
    const server = await serverWith((poll, at) =>
      service.services.submissionRows.rows(poll, at, { limit: 5 }),
    )
    const { complete, trailers, bytes } = await download(`${server.url}?format=csv`)
    expect([complete, trailers]).toEqual([false, {}])
    expect(bytes.length).toBeGreaterThan(100)
    await server.close()
  })

  it('given the rows cannot be read at all, says so as a problem', async () => {
    // biome-ignore lint/correctness/useYield: it fails before
    const server = await serverWith(async function* () {
      throw new Error('the database is away')
    })
    for (const query of ['format=csv', 'format=pb', 'format=csv&limit=5', 'format=csv&digest'])
      expectProblem(await ask(`${server.url}?${query}`), 'SUBMISSIONS_UNAVAILABLE')
    await server.close()
  })

  it('given a client that goes, ends its query', async () => {
    let signal: AbortSignal | undefined
    const server = await serverWith(async function* (poll, at, options) {
      signal = options?.signal
      const [batch] = await Array.fromAsync(service.services.submissionRows.rows(poll, at))
      for (;;) {
        options?.signal?.throwIfAborted()
        yield batch!
      }
    })
    const request = get(`${server.url}?format=csv`, { agent: false }, (answer) => {
      answer.on('error', () => {})
      answer.once('data', () => request.destroy())
    })
    request.on('error', () => {})
    await eventually(() => expect(signal?.aborted).toBe(true))
    await server.close()
  })

  it('given a client that takes nothing, ends its query after a while', async () => {
    let signal: AbortSignal | undefined
    const server = await serverWith(
      async function* (poll, at, options) {
        signal = options?.signal
        const [batch] = await Array.fromAsync(service.services.submissionRows.rows(poll, at))
        for (;;) {
          options?.signal?.throwIfAborted()
          yield batch!
        }
      },
      { stallMs: 500 },
    )
    const request = get(`${server.url}?format=csv`, { agent: false }, (answer) => {
      answer.on('error', () => {})
      answer.pause()
    })
    request.on('error', () => {})
    await eventually(() => expect(signal?.aborted).toBe(true))
    request.destroy()
    await server.close()
  })

  it('given one more than may be made at once, says when to come again, and goes on with the others', async () => {
    let [open, begun] = [true, 0]
    const server = await serverWith(async function* (poll, at, options) {
      const isWhole = options?.limit === undefined
      if (isWhole) begun++
      yield* service.services.submissionRows.rows(poll, at, options)
      while (open && isWhole) await sleep(10)
    })
    const under = Array.from({ length: 2 }, () => download(`${server.url}?format=csv`))
    await eventually(() => expect(begun).toBe(2))
    const answer = await ask(`${server.url}?format=csv`)
    expectProblem(answer, 'EXPORT_BUSY')
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(answer.text).toContain('2 exports are under way for your address')
    // Nobody who goes through the pages has to wait for them.
    expect((await ask(`${server.url}?format=csv&limit=1`)).status).toBe(200)
    const elsewhere = download(`${server.url}?format=csv`, {}, '127.0.0.2')
    await eventually(() => expect(begun).toBe(3))
    open = false
    for (const { complete } of await Promise.all([...under, elsewhere])) expect(complete).toBe(true)
    await server.close()
  })
})
