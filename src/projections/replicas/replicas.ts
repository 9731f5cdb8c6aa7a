/** Which replicas may be read, and for what. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DeadlineExceeded, withDeadline } from '../../deadline.ts'
import type { LogMarks } from '../../events/log-marks.ts'
import type { Look } from './look.ts'
import type { Replica, ReplicaLook } from './replica.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/** How a replica stands, for those who watch over the service. */
export interface ReplicaState {
  readonly name: string
  readonly verdict: Verdict
  /** Whether it is read at the moment: it follows, and has come far enough. */
  readonly inUse: boolean
  /** Its write-ahead log and the primary's, bytes; undefined before both have been seen. */
  readonly replayed: bigint | undefined
  readonly written: bigint | undefined
}

export interface ReplicasOptions {
  readonly replicas: readonly Replica[]
  /** How the primary stands. */
  readonly lookAtPrimary: () => Promise<Look>
  /** The primary's log; undefined where it is not in PostgreSQL. */
  readonly marks: Pick<LogMarks, 'at'> | undefined
  /** Told whenever a verdict changes; the error says why a replica is away. */
  readonly onVerdict?: (name: string, verdict: Verdict, error?: Error) => void
  /** Told who has answered; undefined: the primary. */
  readonly onRead?: (name: string | undefined) => void
}

/** So often everybody is looked at, milliseconds; one that is away, less and less often. */
const LOOK_EVERY_MS = 500
const LONGEST_REST_MS = 5000
const LOOK_MS = 1500
/**
 * What the primary had this long ago a replica must have, milliseconds: with the time between two looks a reader sees
 * what is a second old at most, no longer than a snapshot that nobody keeps up to date is shown.
 */
const ALLOWED_LAG_MS = 500
/** So long a replica may take, milliseconds, before somebody else is asked; and so many are. */
const PATIENCE_MS = 300
const MOST_TRIED = 2

interface Watched {
  readonly replica: Replica
  verdict: Verdict
  look: ReplicaLook | undefined
}

interface Moment extends Look {
  /** It is of this time or later, milliseconds of a clock that never goes back. */
  readonly at: number
}

export class Replicas {
  readonly #options: ReplicasOptions
  readonly #watched: Watched[]
  readonly #stop = new AbortController()
  #watching: Promise<unknown> | undefined
  /** Oldest first; the first is the newest that is old enough to be demanded. */
  #primary: Moment[] = []
  #demanded: ReadonlyMap<string, bigint> = new Map()

  constructor(options: ReplicasOptions) {
    this.#options = options
    const all = options.replicas.map((replica): Watched => ({ replica, verdict: 'unknown', look: undefined }))
    // Each process has its favourite, which it leaves only while it must: what is read goes forward there.
    const first = Math.floor(Math.random() * all.length)
    this.#watched = [...all.slice(first), ...all.slice(0, first)]
  }

  /** Begins to look, until it is closed. */
  start(): void {
    if (this.#watched.length === 0) return
    this.#watching ??= Promise.all([
      this.#watch(() => this.#lookAtPrimary()),
      ...this.#watched.map((each) => this.#watch(() => this.#lookAt(each))),
    ])
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#watched.map(({ replica }) => replica.close()))
    await this.#watching
  }

  get states(): ReplicaState[] {
    return this.#watched.map(({ replica: { name }, verdict, look }) => ({
      ...{ name, verdict, replayed: look?.lsn, written: this.#primary.at(-1)?.lsn },
      inUse: verdict === 'follows' && [...look!.places.keys()].every((model) => this.#hasCome(look!, model)),
    }))
  }

  /** From now on nothing older is read than what the primary has now. @throws while the primary is away */
  async demandAllOfNow(): Promise<void> {
    if (this.#watched.length === 0) return
    await this.#lookAtPrimary()
    this.#demanded = this.#primary.at(-1)!.places
    await Promise.allSettled(this.#watched.map((each) => this.#lookAt(each)))
  }

  /** Those that may be asked about a read model, the favourite first; one that fails is to be told of. */
  usable(model: string): Replica[] {
    return this.#watched
      .filter(({ verdict, look }) => verdict === 'follows' && this.#hasCome(look!, model))
      .slice(0, MOST_TRIED)
      .map(({ replica }) => replica)
  }

  /**
   * Asks a replica, and the primary where none can answer.
   * @param ask gives undefined where the replica has not come as far as the asker
   * @throws what the primary throws
   */
  async read<T>(
    model: string,
    ask: (replica: Replica) => Promise<T | undefined>,
    askPrimary: () => Promise<T>,
    { patienceMs = PATIENCE_MS, signal }: { patienceMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    for (const replica of this.usable(model))
      try {
        const answer = await withDeadline(patienceMs, replica.name, ask(replica))
        if (answer === undefined) continue
        this.#options.onRead?.(replica.name)
        return answer
      } catch (error) {
        if (signal?.aborted) throw error
        this.failed(replica, error as Error)
      }
    this.#options.onRead?.(undefined)
    return await askPrimary()
  }

  /** It is left alone until it has been looked at again, unless it only had to let go of a reader. */
  failed(replica: Replica, error: Error): void {
    const watched = this.#watched.find((each) => each.replica === replica)!
    if (!hadToLetGo(error)) this.#judge(watched, 'away', error)
  }

  #hasCome({ places }: Look, model: string): boolean {
    const [demandable] = this.#primary
    const place = places.get(model)
    if (!demandable || place === undefined) return false
    return place >= (demandable.places.get(model) ?? 0n) && place >= (this.#demanded.get(model) ?? 0n)
  }

  async #watch(look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop
    for (let restMs = LOOK_EVERY_MS; !signal.aborted; ) {
      restMs = await look().then(
        () => LOOK_EVERY_MS,
        () => Math.min(2 * restMs, LONGEST_REST_MS),
      )
      await sleep(restMs, undefined, { signal }).catch(() => {})
    }
  }

  async #lookAtPrimary(): Promise<void> {
    const at = performance.now()
    const look = await withDeadline(LOOK_MS, 'the primary', this.#options.lookAtPrimary())
    this.#primary.push({ ...look, at })
    const old = this.#primary.findLastIndex((moment) => moment.at <= at - ALLOWED_LAG_MS)
    this.#primary = this.#primary.slice(Math.max(0, old))
  }

  async #lookAt(watched: Watched): Promise<void> {
    try {
      const look = await withDeadline(LOOK_MS, watched.replica.name, watched.replica.look())
      const verdict = await this.#verdictOn(watched, look)
      watched.look = look
      this.#judge(watched, verdict)
    } catch (error) {
      this.#judge(watched, 'away', error as Error)
      throw error
    }
  }

  async #verdictOn({ verdict }: Watched, look: ReplicaLook): Promise<Verdict> {
    const primary = this.#primary.at(-1)
    if (!primary) return 'unknown'
    try {
      return await withDeadline(LOOK_MS, 'the primary', verdictOn(look, primary, this.#options.marks))
    } catch {
      // While the primary is away nobody can say: what was wrong stays so, and the rest goes on being of use.
      return verdict === 'diverged' ? 'diverged' : 'follows'
    }
  }

  #judge(watched: Watched, verdict: Verdict, error?: Error): void {
    if (watched.verdict === verdict || this.#stop.signal.aborted) return
    watched.verdict = verdict
    this.#options.onVerdict?.(watched.replica.name, verdict, error)
  }
}

/** Its server needed room for what it replays, or ended the reader for another reason of its own: it is not dead for that. */
const hadToLetGo = (error: Error): boolean =>
  !(error instanceof DeadlineExceeded) &&
  [error, error.cause].some((each) => (each as NodeJS.ErrnoException | undefined)?.code === '40001')
