import { randomBytes } from 'node:crypto'
import { seal, unseal } from './sealed.ts'

/**
 * What every form of the console carries: it proves that the form comes from a page of this very session, and tells
 * one form from another, so that one that is sent twice is known.
 */
export class Forms {
  readonly #key: string

  /** @param key see `consoleKey` */
  constructor(key: string) {
    this.#key = key
  }

  /** @param session id of the session, or of the visit that is about to sign in */
  issue(session: string): string {
    return seal(this.#key, `form\n${session}`, randomBytes(16).toString('base64url'))
  }

  /** The form's own id; undefined if it was not made for this session. */
  idOf(form: unknown, session: string): string | undefined {
    return unseal(this.#key, `form\n${session}`, form)
  }
}
