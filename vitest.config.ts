import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    // Hundreds of processes are started, all of the same program.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'taxbudget') },
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // As patient as `eventually`: the machine is busy.
    expect: { poll: { timeout: 10_000 } },
  },
})
