import type { Position } from '../../events/event-log.ts'
import type { RowsAt } from '../../projections/submission-rows.ts'
import type { Answer, ResultsOptions, ResultsQuery } from '../results.ts'
import type { ExportMoment } from './encoder.ts'

/** Which moment is asked for; neither: as it is now. Both: what the log had up to `position` and occurred up to `asOf`. */
export interface MomentAsked {
  readonly position?: Position
  /** ISO 8601 in UTC. */
  readonly asOf?: string
}

/** A moment of which results are published. */
export interface KnownMoment extends ExportMoment {
  /** How the rows of that moment are asked for. */
  readonly at: RowsAt
  /** How many submissions the results count: there must be as many rows. */
  readonly counted: number
  /** Events of the poll that could not be applied: they may be counted after all, in the past, too. */
  readonly parked: number
}

/** So many are remembered: pages of one export are asked for one after the other. */
const REMEMBERED = 50

/**
 * Finds out what the published results were at the moment of an export, so that both are of the same one. The past is
 * a replay, and never changes: it is remembered.
 */
export class Moments {
  readonly #results: Pick<ResultsQuery, 'results'>
  readonly #known = new Map<string, KnownMoment>()

  constructor(results: Pick<ResultsQuery, 'results'>) {
    this.#results = results
  }

  /** @throws {Problem} as `ResultsQuery.results` */
  async find(poll: string, asked: MomentAsked): Promise<KnownMoment> {
    const known = this.#known.get(keyOf(poll, asked))
    if (known) return known
    return (await this.publish(poll, asked)).moment
  }

  /** The same with the results themselves, which take too much memory to be remembered. @throws as `find` */
  async publish(poll: string, asked: MomentAsked): Promise<{ moment: KnownMoment; answer: Answer }> {
    const answer = await this.#results.results(poll, asked satisfies ResultsOptions)
    const moment = momentOf(answer, asked.asOf)
    // What is parked may be counted after all, in the past, too.
    if (answer.aggregate.parked > 0) return { moment, answer }
    this.#remember(keyOf(poll, asked), moment)
    // Whoever goes on from here asks for it by its position.
    this.#remember(keyOf(poll, { ...asked, position: moment.position }), moment)
    return { moment, answer }
  }

  #remember(key: string, moment: KnownMoment): void {
    // What is so now is not so in a moment, and a time that is hardly past may still get an event.
    if (!key.startsWith('at ')) return
    this.#known.delete(key)
    this.#known.set(key, moment)
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!)
  }
}

/** Only what a position holds is settled for good. */
const keyOf = (poll: string, { position, asOf = '' }: MomentAsked): string =>
  position === undefined ? 'now' : `at ${position} ${asOf} ${poll}`

function momentOf({ aggregate }: Answer, asOf: string | undefined): KnownMoment {
  const { definition, position, counted, parked } = aggregate
  return {
    ...{ definition, position, counted, parked },
    asOf: asOf ?? aggregate.asOf,
    at: { position, ...(asOf !== undefined && { asOf }) },
  }
}
