import { Problem, type ProblemCode } from '../../../src/errors.ts'
import type { Position } from '../../../src/events/event-log.ts'
import type {
  Build,
  BuildState,
  ProjectionOperations,
  ProjectionVersion,
  RecordedAct,
} from '../../../src/projections/builds/projection-operations.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Version = Mutable<Omit<ProjectionVersion, 'build'>> & { build: Mutable<Build> | undefined }

/**
 * Versions of two projections in memory. It keeps the rules of the real one: one build at a time, what is not ready is
 * not promoted, one version is live. Building happens in steps, when the test says so.
 */
export class MemoryProjections implements ProjectionOperations {
  head: Position = 1000n
  #versions: Version[] = ['category-aggregate', 'submissions'].map((projection) => ({
    ...{ projection, version: 1, foldVersion: 1, position: 1000n, build: undefined },
    ...{ status: 'live', promotedAt: undefined },
  }))
  /** Who did what, in order. */
  readonly acts: string[] = []
  #promotions = 0

  async list(): Promise<readonly ProjectionVersion[]> {
    return structuredClone(this.#versions).sort(
      (a, b) => a.projection.localeCompare(b.projection) || b.version - a.version,
    )
  }

  async recorded(limit: number): Promise<readonly RecordedAct[]> {
    const acts = this.acts.map((text, second) => {
      const [by, act, projection] = text.split(/:? /) as [string, string, string]
      const at = new Date(Date.parse('2026-11-23T10:00:00Z') + second * 1000)
      return { at, by, act, projection, versions: [2] }
    })
    return acts.toReversed().slice(0, limit)
  }

  async rebuild(projection: string, { by, promote }: { by: string; promote: boolean }) {
    const versions = this.#of(projection)
    if (versions.some(({ status }) => status === 'building'))
      throw refusal('BUILD_EXISTS', `A version of ${projection} is being built already.`)
    const build: Mutable<Build> = {
      ...{ state: 'filling', startedBy: by, startedAt: new Date('2026-11-23T10:00:00Z') },
      ...{ promoteWhenReady: promote, head: this.head, events: 0, rate: 4000 },
      ...{ secondsLeft: 75, lastError: undefined },
    }
    const version = Math.max(...versions.map(({ version }) => version)) + 1
    const made: Version = {
      ...{ projection, version, foldVersion: 1, status: 'building', position: 0n, build },
      promotedAt: undefined,
    }
    this.#versions.push(made)
    this.acts.push(`${by}: rebuild ${projection}`)
    return structuredClone(made)
  }

  async pause(projection: string, by: string): Promise<void> {
    this.#build(projection).build!.state = 'paused'
    this.acts.push(`${by}: pause ${projection}`)
  }

  async resume(projection: string, by: string): Promise<void> {
    const { build } = this.#build(projection)
    build!.state = 'filling'
    build!.lastError = undefined
    this.acts.push(`${by}: resume ${projection}`)
  }

  async cancel(projection: string, by: string): Promise<void> {
    const build = this.#build(projection)
    this.#versions = this.#versions.filter((version) => version !== build)
    this.acts.push(`${by}: cancel ${projection}`)
  }

  async promote(projection: string, version: number, by: string): Promise<void> {
    const build = this.#build(projection)
    if (build.version !== version || build.build!.state !== 'ready')
      throw refusal('BUILD_NOT_READY', `Version ${version} is not ready.`)
    this.#makeLive(build)
    this.acts.push(`${by}: promote ${projection} ${version}`)
  }

  async rollback(projection: string, by: string): Promise<void> {
    const former = this.#of(projection)
      .filter(({ status }) => status === 'retired')
      .sort((a, b) => (b.promotedAt?.getTime() ?? 0) - (a.promotedAt?.getTime() ?? 0))[0]
    if (!former) throw refusal('NO_ROLLBACK', `There is no earlier version of ${projection}.`)
    former.status = 'building'
    former.build = {
      ...{ state: 'following', startedBy: by, startedAt: new Date('2026-11-23T10:00:00Z') },
      ...{ promoteWhenReady: true, head: this.head, events: 0, rate: 4000 },
      ...{ secondsLeft: 5, lastError: undefined },
    }
    this.acts.push(`${by}: rollback ${projection}`)
  }

  async prune(projection: string, by: string): Promise<readonly number[]> {
    const retired = this.#of(projection).filter(({ status }) => status === 'retired')
    this.#versions = this.#versions.filter((version) => !retired.includes(version))
    this.acts.push(`${by}: prune ${projection}`)
    return retired.map(({ version }) => version)
  }

  /** What the builder does. */
  build(projection: string, state: BuildState, part: number, lastError?: string): void {
    const version = this.#build(projection)
    version.position = (this.head * BigInt(Math.round(part * 100))) / 100n
    Object.assign(version.build!, { state, lastError, events: Number(version.position), head: this.head })
    if (state === 'ready' && version.build!.promoteWhenReady) this.#makeLive(version)
  }

  #makeLive(version: Version): void {
    const live = this.#of(version.projection).find(({ status }) => status === 'live')!
    live.status = 'retired'
    version.status = 'live'
    version.build = undefined
    version.position = this.head
    version.promotedAt = new Date(Date.parse('2026-11-23T10:00:00Z') + ++this.#promotions * 1000)
  }

  #of(projection: string): Version[] {
    const versions = this.#versions.filter((version) => version.projection === projection)
    if (versions.length === 0)
      throw refusal('PROJECTION_NOT_FOUND', `There is no projection called ${projection}.`)
    return versions
  }

  #build(projection: string): Version {
    const build = this.#of(projection).find(({ status }) => status === 'building')
    if (!build) throw refusal('NO_BUILD', `No version of ${projection} is being built.`)
    return build
  }
}

const refusal = (code: ProblemCode, detail: string) => new Problem(code, { detail })
