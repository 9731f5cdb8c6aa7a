import { Counter, Gauge, type Registry } from 'prom-client'
import { Tally } from './tally.ts'

const endings = ['left', 'slow', 'silent', 'talking', 'ending'] as const
/** Why a socket is no more; `ending`: this process is the one that ends. */
export type Ending = (typeof endings)[number]

/** What is told of the sockets that watch results. */
export class LiveFigures {
  readonly #open: Gauge
  readonly #closed: Tally<Ending>
  readonly #refused: Counter
  readonly #sent: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#open = new Gauge({
      ...{ name: 'taxbudget_live_sockets', registers },
      help: 'Open sockets that watch results',
    })
    this.#closed = new Tally(
      registry,
      'taxbudget_live_sockets_closed_total',
      'Sockets that were closed, by why',
      'reason',
      endings,
    )
    this.#refused = new Counter({
      ...{ name: 'taxbudget_live_sockets_refused_total', registers },
      help: 'Sockets that there was no room for',
    })
    this.#sent = new Counter({
      ...{ name: 'taxbudget_live_messages_total', registers },
      help: 'Messages sent to sockets',
    })
  }

  opened(): void {
    this.#open.inc()
  }

  closed(reason: Ending): void {
    this.#open.dec()
    this.#closed.add(reason)
  }

  /** There was no room for another one. */
  refused(): void {
    this.#refused.inc()
  }

  sent(messages: number): void {
    this.#sent.inc(messages)
  }
}
