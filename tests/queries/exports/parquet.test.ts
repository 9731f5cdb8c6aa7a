import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { beforeAll, expect, test } from 'vitest'
import type { SubmissionRow } from '../../../src/projections/submission-rows.ts'
import { encodeParquet } from '../../../src/queries/exports/parquet.ts'
import { testPoll } from '../../support/history.ts'

const ROWS = 15_000
const start = Date.parse('2026-01-01T00:00:00.000Z')

const rowAt = (n: number): SubmissionRow => ({
  position: 2n ** 40n + BigInt(n),
  pseudonym: n.toString(16).padStart(32, '0'),
  submittedAt: new Date(start + n).toISOString(),
  changedAt: new Date(start + 2 * n).toISOString(),
  shares: [n % 10_001, 10_000 - (n % 10_001), 0],
})

async function* rows() {
  for (let n = 0; n < ROWS; n += 300)
    yield Array.from({ length: Math.min(300, ROWS - n) }, (_, index) => rowAt(n + index))
}

const moment = { definition: testPoll('one', 1), position: 99n, asOf: '2026-01-03T00:00:00.000Z' }
let chunks: Buffer[]
let file: ArrayBuffer
beforeAll(async () => {
  chunks = await Array.fromAsync(encodeParquet(moment, rows()))
  file = new Uint8Array(Buffer.concat(chunks)).buffer
})

test('given many rows, when encoded, then they come in row groups of bounded size, one chunk each', async () => {
  const { row_groups, num_rows } = await parquetMetadataAsync(file)
  expect(num_rows).toBe(BigInt(ROWS))
  expect(row_groups.map((group) => Number(group.num_rows))).toEqual([6000, 6000, 3000])
  expect(chunks.length).toBe(row_groups.length + 1)
})

test('given a file, when read by another reader, then columns are typed and every row is there', async () => {
  const metadata = await parquetMetadataAsync(file)
  expect(
    parquetSchema(metadata).children.map(({ element }) => [
      element.name,
      element.type,
      element.logical_type?.type,
    ]),
  ).toEqual([
    ['pseudonym', 'BYTE_ARRAY', 'STRING'],
    ['submitted_at', 'INT64', 'TIMESTAMP'],
    ['changed_at', 'INT64', 'TIMESTAMP'],
    ['position', 'INT64', undefined],
    ['a', 'INT32', undefined],
    ['b', 'INT32', undefined],
    ['c', 'INT32', undefined],
  ])
  const read = await parquetReadObjects({ file, metadata })
  expect(read.length).toBe(ROWS)
  for (const n of [0, 1, 5999, 6000, 14_999]) {
    const { position, pseudonym, submittedAt, changedAt, shares } = rowAt(n)
    expect(read[n]).toEqual({
      pseudonym,
      submitted_at: new Date(submittedAt),
      changed_at: new Date(changedAt),
      position,
      a: shares[0],
      b: shares[1],
      c: shares[2],
    })
  }
})

test('given a file, then its metadata says what it is of', async () => {
  const { key_value_metadata } = await parquetMetadataAsync(file)
  const said = Object.fromEntries(key_value_metadata!.map(({ key, value }) => [key, value!]))
  expect(said).toMatchObject({
    'taxbudget.poll': 'one',
    'taxbudget.position': '99',
    'taxbudget.as_of': '2026-01-03T00:00:00.000Z',
  })
  expect(JSON.parse(said['taxbudget.definition']!)).toEqual(moment.definition)
})

test('given no rows, then it is a whole file all the same', async () => {
  const empty = Buffer.concat(await Array.fromAsync(encodeParquet(moment, (async function* () {})())))
  const buffer = new Uint8Array(empty).buffer
  expect(await parquetReadObjects({ file: buffer })).toEqual([])
})
