import type { MutablePollAggregate } from '../../src/projections/poll-aggregate.ts'
import type { PollStates, Timeline } from '../../src/projections/poll-states/poll-states.ts'
import { foldSegment, type Segment } from '../../src/projections/poll-states/segment.ts'
import { readEffect, writeEffect } from '../../src/projections/stored-effect.ts'
import { readAggregate, writeAggregate } from '../../src/projections/stored-snapshot.ts'
import type { MemoryLog } from './memory-log.ts'

/** Stored states in memory, written down and read as in the database. */
export class MemoryStates
  implements Pick<PollStates, 'timeline' | 'poll' | 'effect' | 'latest' | 'polls' | 'save'>
{
  readonly segments: Segment[] = []

  /** The states at these boundaries. */
  static async of(log: MemoryLog, boundaries: readonly bigint[]): Promise<MemoryStates> {
    const states = new MemoryStates()
    for (const upTo of boundaries) {
      const { position: after } = await states.latest()
      const segment = await foldSegment(log, { base: await states.polls(), after, upTo })
      if (segment) await states.save(segment)
    }
    return states
  }

  async latest() {
    return { position: this.segments.at(-1)?.upTo ?? 0n, madeAt: undefined }
  }

  async polls(): Promise<MutablePollAggregate[]> {
    const texts = new Map<string, string>()
    for (const { polls } of this.segments)
      for (const { state } of polls) texts.set(state.definition.poll, writeAggregate(state))
    return [...texts.values()].map((text) => readAggregate(JSON.parse(text)))
  }

  async save(segment: Segment): Promise<boolean> {
    this.segments.push(structuredClone(segment))
    return true
  }

  async timeline(poll: string): Promise<Timeline> {
    const segments = this.segments.flatMap(({ after, upTo, polls }) =>
      polls
        .filter(({ state }) => state.definition.poll === poll)
        .map(({ earliest, latest, effect }) => ({ after, upTo, earliest, latest, hasEffect: !!effect })),
    )
    return { segments, end: (await this.latest()).position }
  }

  async poll(poll: string, at: bigint): Promise<MutablePollAggregate> {
    return readAggregate(JSON.parse(writeAggregate(this.#find(poll, at).state)))
  }

  async effect(poll: string, at: bigint) {
    return readEffect(JSON.parse(writeEffect(this.#find(poll, at).effect!)))
  }

  #find(poll: string, at: bigint) {
    const { polls } = this.segments.find(({ upTo }) => upTo === at)!
    return polls.find(({ state }) => state.definition.poll === poll)!
  }
}
