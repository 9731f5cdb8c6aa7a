import type { Patience } from '../../first-contact.ts'
import type { ServerReport } from '../../server-report.ts'
import type { Announcements } from '../announcements.ts'
import type { Bus } from '../bus.ts'
import { NatsAnnouncements } from '../nats-announcements.ts'
import { NatsBus, type NatsBusOptions } from '../nats-bus.ts'
import { NatsClient, type ServerInfo } from './client.ts'
import { diagnoseNats } from './diagnosis.ts'

export interface OpenNatsOptions extends Patience, Pick<NatsBusOptions, 'marks' | 'onStale'> {
  /** `nats://` or `tls://`, one server or several. */
  readonly url: string
  /** Whose messages: several services can share one NATS. Letters, digits and dashes. */
  readonly id: string
  /** Told of every failure to connect, and without an error when it is connected. */
  readonly onConnection?: (error?: Error) => void
}

export interface OpenNats {
  readonly bus: Bus
  readonly announcements: Announcements
  close(): Promise<void>
}

/** Looks at a NATS over a connection of its own. @throws one sentence on what is wrong with it, or with its URL */
export async function examineNats(url: string): Promise<ServerReport> {
  let info: ServerInfo | undefined
  const look = async () => (info = await NatsClient.tryOnce(url))
  const away = await diagnoseNats(url, look, { patienceMs: 0 })
  if (away) throw away
  return { ...info!, remarks: ['with JetStream'] }
}

/**
 * Connects. Where NATS is away it starts without, and connects later.
 * @throws with one sentence on what is wrong with the URL, if waiting would not help
 */
export async function openNats(options: OpenNatsOptions): Promise<OpenNats> {
  const { url, id, marks, onStale, onConnection } = options
  const away = await diagnoseNats(url, () => NatsClient.tryOnce(url), options)
  if (away) onConnection?.(away)
  const client = await NatsClient.open(url, onConnection && { onConnection })
  const bus = new NatsBus({ client, id, marks, onStale })
  const close = async () => {
    await bus.close()
    await client.close()
  }
  return { bus, announcements: new NatsAnnouncements(client, id), close }
}
