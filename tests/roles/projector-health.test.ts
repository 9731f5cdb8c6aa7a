import { beforeEach, describe, expect, it } from 'vitest'
import { ProjectorHealth } from '../../src/roles/projector-health.ts'

let [head, checkpoint, now] = [0n, 0n, 0]
let health: ProjectorHealth

beforeEach(() => {
  ;[head, checkpoint, now] = [10n, 10n, 0]
  const log = { head: async () => head }
  health = new ProjectorHealth(log, { checkpoint: async () => checkpoint }, { now: () => now })
})

/** As the projector tells it: it holds the lock, loads, tries, and gives up. */
function attempt(message = 'relation does not exist'): void {
  health.active(true)
  health.active(false)
  health.failed(new Error(message))
}

const standsStill = 'the projection stands still at position 9: relation does not exist'

describe('what a projector is', () => {
  it('says whether it is the active one, and by what it is fed', async () => {
    expect(await health.tell()).toBe('standby, the projection is at position 10')
    health.active(true)
    expect(await health.tell()).toBe('active at position 10, fed by the log itself')
    health.fedBy('bus')
    expect(await health.tell()).toBe('active at position 10, fed by the bus')
    health.active(false)
    expect(await health.tell()).toBe('standby, the projection is at position 10')
  })

  it('given a bus that has been away since the start, does not say that it feeds anybody', async () => {
    let away = true
    const bus = {
      mustBeConnected: () => {
        if (away) throw new Error('NATS is away')
      },
    }
    const fed = new ProjectorHealth({ head: async () => head }, { checkpoint: async () => 10n }, { bus })
    fed.fedBy('bus')
    fed.active(true)
    expect(await fed.tell()).toBe(
      'active at position 10, fed by the log itself as soon as anything happens: the bus is away',
    )
    away = false
    expect(await fed.tell()).toBe('active at position 10, fed by the bus')
  })

  it('given a store that does not answer, says that', async () => {
    const away = { checkpoint: () => Promise.reject(new Error('no connection')) }
    await expect(new ProjectorHealth({ head: async () => head }, away).tell()).rejects.toThrow(
      'no connection',
    )
  })
})

describe('a projector that cannot save', () => {
  beforeEach(() => {
    checkpoint = 9n
  })

  it('is not ready after the fifth failure in a row, even while it tries again', async () => {
    for (let n = 1; n < 5; n++) attempt()
    expect(await health.tell()).toContain('standby')
    attempt()
    await expect(health.tell()).rejects.toThrow(standsStill)
    health.active(true)
    await expect(health.tell()).rejects.toThrow(standsStill)
  })

  it('is not ready after half a minute, however rarely it fails', async () => {
    attempt()
    now = 29_000
    expect(await health.tell()).toContain('standby')
    now = 30_000
    await expect(health.tell()).rejects.toThrow(standsStill)
  })

  it('tells of the last failure', async () => {
    for (let n = 1; n <= 5; n++) attempt(`failure ${n}`)
    await expect(health.tell()).rejects.toThrow('failure 5')
  })

  it('is ready again as soon as it has saved something', async () => {
    for (let n = 0; n < 5; n++) attempt()
    health.active(true)
    health.progressed()
    expect(await health.tell()).toContain('active')
    health.active(false)
    attempt()
    expect(await health.tell()).toContain('standby')
  })

  it('given a projection that has come further than the log, is not ready at any moment of its trying', async () => {
    ;[head, checkpoint] = [5n, 9n]
    for (let n = 0; n < 5; n++) attempt()
    await expect(health.tell()).rejects.toThrow(standsStill)
    health.active(true)
    await expect(health.tell()).rejects.toThrow(standsStill)
    health.active(false)
    now = 60_000
    await expect(health.tell()).rejects.toThrow(standsStill)
  })

  it('is ready again when another one moves the projection on', async () => {
    for (let n = 0; n < 5; n++) attempt()
    await expect(health.tell()).rejects.toThrow(standsStill)
    ;[head, checkpoint] = [30n, 20n]
    expect(await health.tell()).toContain('standby')
  })
})

describe('a projector that has nothing to save', () => {
  it('is ready again once it is active, or once it has not failed for a while', async () => {
    for (const mend of [() => health.active(true), () => (now += 15_000)]) {
      for (let n = 0; n < 5; n++) attempt()
      await expect(health.tell()).rejects.toThrow('stands still at position 10')
      mend()
      expect(await health.tell()).toMatch(/active|standby/)
      health.active(false)
    }
  })
})
