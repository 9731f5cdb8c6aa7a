/** What all servers have in common when the program tries them for the first time: patience, and what is said in the end. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that is still starting, in a container beside this one, has so long. */
const PATIENCE_MS = 10_000
const TRY_EVERY_MS = 250

export interface Patience {
  /** How long to try, milliseconds. */
  readonly patienceMs?: number | undefined
  /** Told once, in a sentence, what is waited for. */
  readonly onWaiting?: ((sentence: string) => void) | undefined
}

interface Subject {
  /** The setting that names the server. */
  readonly variable: string
  /** What the server should be. */
  readonly product: string
  /** What can be had instead, by unsetting the variable. */
  readonly otherwise: string
}

/** What the program starts without, and why, in a sentence that names the setting. */
export class StartsWithout extends Error {
  override readonly name = 'StartsWithout'
}

/** The servers' names in docker-compose.yml: they lead somewhere inside the containers alone. */
const containers = /^(eventstore|nats|postgres|redis)$/

/** @param instead a URL that works outside the containers */
export const unresolved = (host: string, instead: string): string =>
  containers.test(host)
    ? `the host "${host}" does not resolve: it is a container's name (docker-compose.yml), known inside the containers ` +
      `alone. Outside them write ${instead}`
    : `the host "${host}" does not resolve. If it is a container's name, write 127.0.0.1 outside the containers: ${instead}`

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

/** A container's name resolves once the container has been started. */
export const isUnresolved = (error: Error): boolean => /^(ENOTFOUND|EAI_AGAIN)$/.test(codeOf(error))

/** The network's own troubles: nobody listens, somebody hangs up, no way leads there. All of that may pass. */
export const isOutOfReach = (error: Error): boolean =>
  /^(ECONN\w+|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EPIPE)$/.test(codeOf(error))

const firstLineOf = ({ message }: Error): string => message.split('\n')[0]!

/** Speaks of one setting: each sentence names it, what was tried, and what to write instead. Give it no passwords. */
export class FirstContact {
  readonly #subject: Subject

  constructor(subject: Subject) {
    this.#subject = subject
  }

  /** Tries until it goes well, fails with what will not pass, or has taken too long. @throws the last failure */
  async tryPatiently<T>(
    server: string,
    attempt: () => Promise<T>,
    mayPass: (error: Error) => boolean,
    { patienceMs = PATIENCE_MS, onWaiting }: Patience = {},
  ): Promise<T> {
    const { variable, product } = this.#subject
    const giveUp = performance.now() + patienceMs
    for (let first = true; ; first = false) {
      try {
        return await attempt()
      } catch (error) {
        if (!mayPass(error as Error) || performance.now() + TRY_EVERY_MS > giveUp) throw error
        const reason = codeOf(error as Error) || (error as Error).message.split('\n')[0]
        const seconds = Math.ceil(patienceMs / 1000)
        if (first)
          onWaiting?.(`${variable}: waiting up to ${seconds} s for ${product} on ${server} (${reason}).`)
      }
      await sleep(TRY_EVERY_MS)
    }
  }

  /**
   * For a server that has answered before, and may be lost again while the program is still starting.
   * @throws one sentence when it stays lost, and whatever else goes wrong
   */
  async tryAgain<T>(
    server: string,
    attempt: () => Promise<T>,
    isLost: (error: Error) => boolean,
    patience?: Patience,
  ): Promise<T> {
    try {
      return await this.tryPatiently(server, attempt, isLost, patience)
    } catch (error) {
      if (!isLost(error as Error)) throw error
      const said = (error as Error).message.split('\n')[0]!.replace(/\.?$/, '.')
      throw this.explain(`${server} has answered at first, and then no more: ${said}`, error as Error)
    }
  }

  explain(sentence: string, cause: Error): Error {
    return new Error(`${this.#subject.variable}: ${sentence}`, { cause })
  }

  /** @param instead a URL that works outside the containers */
  unresolved(host: string, instead: string, cause: Error): Error {
    return this.explain(unresolved(host, instead), cause)
  }

  nobodyListens(server: string, cause: Error): Error {
    const { product, otherwise } = this.#subject
    return this.explain(
      `nothing listens on ${server}. Start ${product} there, or unset the variable to ${otherwise}.`,
      cause,
    )
  }

  /** @param meanwhile how the program does without it */
  startsWithout({ message, cause }: Error, meanwhile: string): StartsWithout {
    return new StartsWithout(`${message.replace(/\.?$/, '.')} ${meanwhile}`, { cause })
  }

  silent(server: string, cause: Error): Error {
    return this.explain(`${server} takes connections and does not answer.`, cause)
  }

  /**
   * @param hint what may help
   * @param reason how it is seen, if the cause says so in words that are not for people
   */
  notTheProduct(server: string, cause: Error, hint = '', reason = firstLineOf(cause)): Error {
    const said = reason.replace(/\.?$/, '.')
    return this.explain(
      `${server} does not answer as ${this.#subject.product} does: ${said}${hint && ` ${hint}`}`,
      cause,
    )
  }

  /** @param instead a URL with a password that is not one */
  wantsPassword(server: string, instead: string, cause: Error): Error {
    return this.explain(`${server} wants a password: write ${instead}`, cause)
  }

  /** @param instead a URL with a user and a password that are not any */
  wrongPassword(server: string, user: string, instead: string, cause: Error): Error {
    return this.explain(
      `${server} refuses the user "${user}" with this password. Write what it knows, with %40 for @ and %2F for /: ` +
        instead,
      cause,
    )
  }

  tooOld(server: string, version: string, oldest: string, cause: Error): Error {
    const { product, otherwise } = this.#subject
    return this.explain(
      `${server} is ${product} ${version}, which is too old. Use ${product} ${oldest} or newer, or unset the ` +
        `variable to ${otherwise}.`,
      cause,
    )
  }
}
