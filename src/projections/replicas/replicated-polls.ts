import { rankOf } from '../poll-aggregate.ts'
import type { PollReader } from '../poll-reader.ts'
import { CATEGORY_AGGREGATE, type ProjectionStore } from '../projection-store.ts'
import type { Replicas } from './replicas.ts'

/** Polls from a replica that has come as far as the asker, else from the primary. */
export class ReplicatedPolls implements PollReader {
  readonly #replicas: Pick<Replicas, 'read'>
  readonly #primary: Pick<ProjectionStore, 'poll' | 'listed'>
  /** The list of polls that was given last is of this rank. */
  #listed = 0n

  constructor(replicas: Pick<Replicas, 'read'>, primary: Pick<ProjectionStore, 'poll' | 'listed'>) {
    this.#replicas = replicas
    this.#primary = primary
  }

  poll: PollReader['poll'] = (poll, atLeast = 0n) =>
    this.#replicas.read(
      CATEGORY_AGGREGATE,
      async (replica) => {
        const found = await (await replica.polls()).poll(poll)
        // One that is not there may have been opened a moment ago.
        return found && rankOf(found) >= atLeast ? found : undefined
      },
      () => this.#primary.poll(poll),
    )

  async definitions(): ReturnType<PollReader['definitions']> {
    const { rank, polls } = await this.#replicas.read(
      CATEGORY_AGGREGATE,
      async (replica) => {
        const list = await (await replica.polls()).listed()
        return list.rank >= this.#listed ? list : undefined
      },
      () => this.#primary.listed(),
    )
    if (rank > this.#listed) this.#listed = rank
    return polls
  }
}
