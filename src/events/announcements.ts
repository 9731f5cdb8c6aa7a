/** Short news for every process, at most once: who depends on one must look for itself from time to time. */
export interface Announcements {
  /** False while the connection is known to be lost: nothing is heard then. */
  readonly connected: boolean
  announce(topic: string, text: string): void
  /** Calls `listener` for what others (and this process) announce; returns how to stop that. */
  hear(topic: string, listener: (text: string) => void): () => void
}
