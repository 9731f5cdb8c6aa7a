import { type EventLog, EventLogUnavailable, START } from '../../events/event-log.ts'
import { copyPoll, type MutablePollAggregate, type PollAggregate } from '../../projections/poll-aggregate.ts'
import { applyEffect } from '../../projections/poll-effect.ts'
import type { PollStates, Timeline } from '../../projections/poll-states/poll-states.ts'
import { replay } from '../replay.ts'
import { type Moment, type Plan, planPast } from './plan.ts'

/** How one poll stood at a moment. */
export interface PastQuestion extends Moment {
  readonly poll: string
  /** The answer to the same question at an earlier position. */
  readonly known?: { readonly upTo: bigint; readonly aggregate: PollAggregate }
  /** More are not replayed. */
  readonly maxEvents: bigint
  readonly positionsPerEvent: bigint
}

export interface PastSources {
  readonly log: Pick<EventLog, 'readAll'>
  /** Undefined: they cannot be had, and everything is replayed. */
  readonly states: Pick<PollStates, 'timeline' | 'poll' | 'effect'> | undefined
}

export interface PastOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (events: number, of: number) => void
  /** Told why the stored states were of no use. */
  readonly onStatesFailed?: (error: Error) => void
}

/** There are more events to replay than the question allows. */
export class TooManyEvents extends Error {
  override readonly name = 'TooManyEvents'
}

/**
 * A poll as it stood at a moment: exactly what a replay of the whole log gives, from the stored states and a replay
 * of what they leave open.
 * @returns undefined if the poll was not there yet
 * @throws {TooManyEvents}
 */
export async function answerPast(
  { log, states }: PastSources,
  question: PastQuestion,
  options: PastOptions = {},
): Promise<MutablePollAggregate | undefined> {
  if (states)
    try {
      const timeline = await states.timeline(question.poll)
      return await new Answering(log, states, question, options).from(timeline)
    } catch (error) {
      // States are a short cut: what they do not give is replayed.
      if (isFinal(error) || options.signal?.aborted) throw error
      options.onStatesFailed?.(error as Error)
    }
  return await new Answering(log, undefined, question, options).from({ segments: [], end: START })
}

const isFinal = (error: unknown): boolean =>
  error instanceof TooManyEvents || error instanceof EventLogUnavailable

class Answering {
  readonly #log: PastSources['log']
  readonly #states: PastSources['states']
  readonly #question: PastQuestion
  readonly #options: PastOptions
  #poll: MutablePollAggregate | undefined
  #done = 0
  #toDo = 0

  constructor(
    log: PastSources['log'],
    states: PastSources['states'],
    question: PastQuestion,
    options: PastOptions,
  ) {
    this.#log = log
    this.#states = states
    this.#question = question
    this.#options = options
  }

  async from(timeline: Timeline): Promise<MutablePollAggregate | undefined> {
    const { known } = this.#question
    const { base, steps } = planPast(timeline, this.#question, known?.upTo)
    for (const step of steps) if ('replay' in step) this.#plan(step.replay)
    if (base === 'known') this.#poll = copyPoll(known!.aggregate)
    else if (base > START) this.#poll = await this.#states!.poll(this.#question.poll, base)
    for (const step of steps) await this.#take(step)
    return this.#poll
  }

  async #take(step: Plan['steps'][number]): Promise<void> {
    this.#options.signal?.throwIfAborted()
    if ('replay' in step) return await this.#replay(step.replay)
    const { poll } = this.#question
    const effect = await this.#states!.effect(poll, step.add.upTo)
    if (this.#poll && applyEffect(this.#poll, effect)) return
    // What came before is not what it was for the segment: some of its events may have to be parked.
    this.#plan(step.add)
    await this.#replay(step.add)
  }

  #plan({ after, upTo }: Pick<Moment, 'upTo'> & { readonly after: bigint }): void {
    const { maxEvents, positionsPerEvent } = this.#question
    this.#toDo += Number((upTo - after) / positionsPerEvent)
    if (this.#toDo > maxEvents) throw new TooManyEvents(`${this.#toDo} events`)
  }

  async #replay({ after, upTo }: { readonly after: bigint; readonly upTo: bigint }): Promise<void> {
    const { poll, asOf } = this.#question
    const { signal, onProgress } = this.#options
    const { fold, events } = await replay(this.#log, {
      ...{ poll, after, upTo, base: this.#poll ? [this.#poll] : [] },
      ...(asOf !== undefined && { asOf }),
      ...(signal && { signal }),
      onProgress: (events) => onProgress?.(this.#done + events, this.#toDo),
    })
    this.#done += events
    this.#poll = fold.polls.get(poll)
  }
}
