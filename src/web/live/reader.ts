/** Somebody who is sent what is new. */
export interface Reader {
  /** Bytes that were sent and have not left this process yet. */
  readonly waiting: number
  send(message: Buffer): void
  /** It does not read what it is sent: gives it up at once. */
  drop(): void
}
