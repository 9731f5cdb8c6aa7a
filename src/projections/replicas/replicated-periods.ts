import { type PeriodAggregate, type PeriodKind, type PeriodReader, ReaderLost } from '../period-aggregate.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import { PERIODS } from '../projection-store.ts'
import { NotSoFar } from '../read-model.ts'
import type { Replica } from './replica.ts'
import type { Replicas } from './replicas.ts'

/** Until the first of many periods is there, milliseconds. */
const FIRST_MS = 2000

/** Periods from a replica that has come as far as the asker, else from the primary. */
export class ReplicatedPeriods implements PeriodReader {
  readonly #replicas: Pick<Replicas, 'read' | 'failed'>
  readonly #primary: Pick<PeriodStore, 'sums' | 'aggregates'>

  constructor(
    replicas: Pick<Replicas, 'read' | 'failed'>,
    primary: Pick<PeriodStore, 'sums' | 'aggregates'>,
  ) {
    this.#replicas = replicas
    this.#primary = primary
  }

  sums: PeriodReader['sums'] = (poll, kind, { atLeast = 0n, ...options }) =>
    this.#replicas.read(
      PERIODS,
      async (replica) => {
        const answer = await replica.periods.sums(poll, kind, { ...options, atLeast }).catch(passedOver)
        return answer && { ...answer, periods: this.#watched(replica, answer.periods, options.signal) }
      },
      () => this.#primary.sums(poll, kind, options),
      options,
    )

  async *aggregates(
    poll: string,
    kind: PeriodKind,
    { atLeast = 0n, ...range }: Parameters<PeriodReader['aggregates']>[2],
  ): AsyncGenerator<readonly PeriodAggregate[]> {
    yield* await this.#replicas.read(
      PERIODS,
      async (replica) => {
        const all = replica.periods.aggregates(poll, kind, { ...range, atLeast })
        const begun = await begin(all).catch(passedOver)
        return begun && this.#watched(replica, begun, range.signal)
      },
      async () => this.#primary.aggregates(poll, kind, range),
      { patienceMs: FIRST_MS, signal: range.signal },
    )
  }

  /** @throws {ReaderLost} where the replica is lost before everything has come */
  async *#watched<T>(replica: Replica, batches: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
    try {
      yield* batches
    } catch (error) {
      signal?.throwIfAborted()
      this.#replicas.failed(replica, error as Error)
      throw new ReaderLost(`${replica.name} was lost while periods were read from it`, { cause: error })
    }
  }
}

function passedOver(error: unknown): undefined {
  if (!(error instanceof NotSoFar)) throw error
}

/** The same batches, of which the first has arrived. */
async function begin<T>(batches: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await batches.next()
  return resume(first, batches)
}

async function* resume<T>(first: IteratorResult<T>, batches: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await batches.next()) yield next.value
  } finally {
    await batches.return(undefined)
  }
}
