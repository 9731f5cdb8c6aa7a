/** The holder of a receipt finds their own row, with nothing but what every system has; nobody else does. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hashReceipt } from '../../../src/commands/receipt.ts'
import { pseudonymOf } from '../../../src/projections/submission-rows/pseudonym.ts'

const receipt = 'q7Z-kd0_3mXw9RbnYV5cTgHs1LpEa8Uf'
const documentation = readFileSync(join(import.meta.dirname, '../../../docs/analysts.md'), 'utf8')

it('is what the documented command makes of the receipt', () => {
  const command = documentation.split('\n').find((line) => line.includes('sha256sum'))!
  const RECEIPT = receipt
  const computed = execFileSync('sh', ['-c', command], { env: { PATH: process.env.PATH, RECEIPT } })
    .toString()
    .trim()
  expect(computed).toMatch(/^[0-9a-f]{32}$/)
  expect(pseudonymOf(hashReceipt(receipt))).toBe(computed)
})

it('stays what it was: whoever keeps an export finds the same one in the next', () => {
  expect(pseudonymOf(hashReceipt(receipt))).toBe('7e5a3324511aa17f95b09512a1ca5e2e')
})

it('differs from receipt to receipt', () => {
  const pseudonyms = Array.from({ length: 1000 }, (_, n) => pseudonymOf(hashReceipt(`receipt ${n}`)))
  expect(new Set(pseudonyms).size).toBe(1000)
})
