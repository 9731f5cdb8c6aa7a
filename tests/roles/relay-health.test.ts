import { describe, expect, it } from 'vitest'
import { RelayHealth } from '../../src/roles/relay-health.ts'

describe('a relay', () => {
  it('is a standby until it is active, whatever failed before', () => {
    const health = new RelayHealth()
    expect(health.tell()).toBe('standby')
    health.outcome(new Error('no room'))
    expect(health.tell()).toBe('standby')
    health.active(true)
    expect(health.tell()).toBe('active')
  })

  it('is not ready from a failure until it works again, or leaves it to another', () => {
    const health = new RelayHealth()
    health.active(true)
    health.outcome(new Error('no room'))
    expect(() => health.tell()).toThrow('the relay stands still: no room')
    health.outcome()
    expect(health.tell()).toBe('active')
    health.outcome(new Error('no room'))
    health.active(false)
    expect(health.tell()).toBe('standby')
  })
})
