import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { ServiceProcess } from '../support/service-process.ts'
import { ask } from '../web/api-client.ts'
import { type Watcher, watch } from '../web/live-client.ts'

/** Whatever it waits for, the machine may be busy. */
const PATIENCE_MS = 60_000
/** Sooner than pages do. */
const PAUSE_MS = 100
const restarting = { code: 1012, reason: 'restarting' }

/** How many sockets a process holds. */
export async function socketsOf({ url }: Pick<ServiceProcess, 'url'>): Promise<number> {
  const { text } = await ask(`${url}/metrics`)
  return Number(/^taxbudget_live_sockets (\d+)$/m.exec(text)?.[1])
}

/** People who watch the results move, and come back when they are sent elsewhere. */
export class Audience {
  readonly #url: string
  #watchers: readonly Watcher[]
  /** So often somebody came to a process that ends, and was sent on. */
  sentOn = 0

  private constructor(url: string, watchers: readonly Watcher[]) {
    this.#url = url
    this.#watchers = watchers
  }

  /** @param url that leads to all of `processes`: so many come that each of these holds three of them at least */
  static async open(url: string, processes: readonly ServiceProcess[]): Promise<Audience> {
    const watchers: Watcher[] = []
    let held: number[]
    do {
      watchers.push(await watch(url))
      held = await Promise.all(processes.map(socketsOf))
    } while (Math.min(...held) < 3)
    return new Audience(url, watchers)
  }

  get size(): number {
    return this.#watchers.length
  }

  /**
   * Waits until a process that ends has sent the `held` people elsewhere whom it held, and these see more than they had
   * seen; the others notice nothing.
   * @throws if one of them is cut off without a word, or refused
   */
  async comeBack(held: number): Promise<void> {
    const gone = await eventually(() => {
      const closed = this.#watchers.filter((each) => each.closed)
      expect(closed).toHaveLength(held)
      return closed
    }, PATIENCE_MS)
    expect(gone.map(({ closed }) => closed)).toEqual(gone.map(() => restarting))
    const stayed = this.#watchers.filter((each) => !gone.includes(each))
    const again = await Promise.all(gone.map((each) => this.#again(lastPosition(each))))
    expect(stayed.map(({ closed }) => closed)).toEqual(stayed.map(() => undefined))
    this.#watchers = [...stayed, ...again]
  }

  leave(): void {
    for (const { socket } of this.#watchers) socket.terminate()
  }

  /** Comes until somebody takes it in, and waits for what it has not seen. */
  async #again(seen: bigint): Promise<Watcher> {
    for (;;) {
      const watcher = await watch(this.#url)
      await eventually(
        () => expect(watcher.closed !== undefined || lastPosition(watcher) > seen).toBe(true),
        PATIENCE_MS,
      )
      if (!watcher.closed) return watcher
      expect(watcher.closed).toEqual(restarting)
      this.sentOn++
      await sleep(PAUSE_MS)
    }
  }
}

/** Of the last state that somebody was told. */
const lastPosition = ({ messages }: Watcher): bigint => BigInt(messages.at(-1)?.view.position ?? 0)
