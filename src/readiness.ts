import { withDeadline } from './deadline.ts'

/** Whether one part that a role leans on can be used. */
interface ReadinessCheck {
  /** The role that leans on it. */
  readonly role: string
  readonly name: string
  readonly ready: boolean
  readonly detail?: string
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly checks: readonly ReadinessCheck[]
}

/** Resolves if the part can be used; a text that it resolves with is told. Rejects if it cannot. */
type Ask = () => Promise<unknown>

interface RoleReadiness {
  readonly role: string
  /** By name. Parts of the same name are one part to all roles, and are asked once. */
  readonly parts: Readonly<Record<string, Ask>>
  /** Whether the role can do something useful with one of its parts alone, or needs them all. */
  readonly needs: 'all' | 'one'
}

/** A part that has not answered by then is not ready. */
const DEADLINE_MS = 1000
/** One that is silent for so long will not answer this question any more. */
const LOST_MS = 10_000

/** What /readyz tells: each role adds what it leans on. */
export class Readiness {
  readonly #expected: readonly string[]
  readonly #roles: RoleReadiness[] = []
  readonly #parts = new Map<string, Part>()
  readonly #refusals = new Map<string, () => string | undefined>()
  #underway: Promise<ReadinessReport> | undefined
  readonly #ending = new AbortController()

  /** @param expected roles that must have added what they lean on: until then they are still starting */
  constructor(expected: readonly string[] = []) {
    this.#expected = expected
  }

  add(role: RoleReadiness): void {
    this.#roles.push(role)
    for (const [name, ask] of Object.entries(role.parts))
      if (!this.#parts.has(name)) this.#parts.set(name, new Part(ask))
  }

  /** While there is a reason, this process is not ready, whatever its roles have; told only then. */
  refuseWhile(name: string, reason: () => string | undefined): void {
    this.#refusals.set(name, reason)
  }

  /** From now on this process is not ready, whatever it leans on: nobody should send it anything new. */
  end(): void {
    this.#ending.abort()
  }

  /** Aborted when this process begins to end: what people hold open is told so then, while others still take them in. */
  get ending(): AbortSignal {
    return this.#ending.signal
  }

  /** However many ask at once, each part is asked once. */
  async report(): Promise<ReadinessReport> {
    if (this.ending.aborted) return ending
    this.#underway ??= this.#ask().finally(() => {
      this.#underway = undefined
    })
    const report = await this.#underway
    return this.ending.aborted ? ending : report
  }

  async #ask(): Promise<ReadinessReport> {
    // As of now: one that comes while the others are asked is told of the next time.
    const [known, starting] = [[...this.#roles], this.#starting()]
    const answers = new Map(
      await Promise.all([...this.#parts].map(async ([name, part]) => [name, await part.answer()] as const)),
    )
    const roles = known.map(({ role, parts, needs }) => {
      const checks = Object.keys(parts).map((name) => ({ role, name, ...answers.get(name)! }))
      const usable = checks.filter((check) => check.ready).length
      return { role, checks, ready: usable === checks.length || (needs === 'one' && usable > 0) }
    })
    // Where people are served too, they are what counts: nobody is helped by turning them away from what works.
    const web = roles.find(({ role }) => role === 'web')
    const ready = web ? web.ready : roles.every((role) => role.ready)
    const against = [...starting, ...this.#refused()]
    return {
      ready: against.length === 0 && ready,
      checks: [...roles.flatMap(({ checks }) => checks), ...against],
    }
  }

  #refused(): ReadinessCheck[] {
    return [...this.#refusals].flatMap(([name, reason]) => {
      const detail = reason()
      return detail === undefined ? [] : [{ role: 'process', name, ready: false, detail }]
    })
  }

  #starting(): ReadinessCheck[] {
    const missing = this.#expected.filter((role) => this.#roles.every((known) => known.role !== role))
    return missing.map((role) => ({ role, name: 'start', ready: false, detail: 'it is still starting' }))
  }
}

const ending: ReadinessReport = {
  ready: false,
  checks: [{ role: 'process', name: 'shutdown', ready: false, detail: 'it is ending' }],
}

type PartAnswer = Pick<ReadinessCheck, 'ready' | 'detail'>

/** One question at a time: a part that is silent is not asked again and again meanwhile. */
class Part {
  readonly #ask: Ask
  #underway: Promise<PartAnswer> | undefined

  constructor(ask: Ask) {
    this.#ask = ask
  }

  answer(): Promise<PartAnswer> {
    this.#underway ??= this.#answer().finally(() => {
      this.#underway = undefined
    })
    return withDeadline(DEADLINE_MS, 'the answer', this.#underway).catch(notReady)
  }

  async #answer(): Promise<PartAnswer> {
    try {
      const told = await withDeadline(LOST_MS, 'the answer', this.#ask())
      return typeof told === 'string' ? { ready: true, detail: told } : { ready: true }
    } catch (error) {
      return notReady(error as Error)
    }
  }
}

const notReady = ({ message }: Error): PartAnswer => ({ ready: false, detail: message })
