import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findProgram } from '../infra/programs.ts'

describe('a program that the tests need', () => {
  it('is found on the path, and only if it can be run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-programs-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'no-such-server')
    await writeFile(file, '#!/bin/sh\n')
    expect(findProgram('no-such-server', `/usr/bin:${folder}`)).toBeUndefined()
    await chmod(file, 0o755)
    expect(findProgram('no-such-server', `/usr/bin:${folder}`)).toBe(file)
  })

  it('is found where servers are, though an ordinary user’s path does not lead there', () => {
    expect(findProgram('nats-server', '/bin')).toMatch(/\/nats-server$/)
  })
})
