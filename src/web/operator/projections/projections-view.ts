import type { Position } from '../../../events/event-log.ts'
import type { ProjectionVersion, RecordedAct } from '../../../projections/builds/projection-operations.ts'
import { eventsBetween } from '../overview/live-state.ts'
import type { Told } from '../overview/told.ts'
import { buildStates, duration, figure, position, projectionName } from '../words.ts'
import { type ActName, actNamed, actsOffered, isAct } from './acts.ts'

/** A version that is being built, as it is shown. */
interface BuildView {
  readonly version: number
  readonly state: string
  /** What it is like: it looks the same then. */
  readonly kind: 'moving' | 'ready' | 'paused' | 'failed'
  /** 0 to 100, with one decimal. */
  readonly percent: number
  readonly position: string
  readonly head: string
  readonly lag: number
  readonly rate: string
  readonly timeLeft: string | undefined
  readonly startedBy: string
  readonly startedAt: Date
  readonly promoteWhenReady: boolean
  readonly lastError: string | undefined
}

export interface ProjectionView {
  readonly name: string
  readonly title: string
  readonly live:
    | { readonly version: number; readonly position: string; readonly lag: number | undefined }
    | undefined
  readonly build: BuildView | undefined
  readonly retired: readonly { readonly version: number; readonly promotedAt: Date | undefined }[]
  readonly acts: readonly { readonly href: string; readonly label: string; readonly look: string }[]
}

/** What an operator, or the program at its start, has done with versions. */
interface ActView {
  readonly at: Date
  readonly by: string
  readonly what: string
}

export interface ProjectionsView {
  readonly at: Date
  readonly projections: Told<readonly ProjectionView[]>
  /** The last acts, the newest first. */
  readonly acts: Told<readonly ActView[]>
  /** Told to screen readers when it changes. */
  readonly summary: string
}

/** What is shown before an act is done. */
export interface ConfirmView {
  readonly heading: string
  readonly says: readonly string[]
  readonly action: string
  readonly back: string
  readonly seen: string
  readonly button: string
  readonly isDangerous: boolean
  /** Whether it is asked if the version shall be promoted by itself. */
  readonly asksPromote: boolean
}

/** @param acts the newest first */
export const actViews = (acts: readonly RecordedAct[]): ActView[] =>
  acts.map(({ at, by, act, projection, versions }) => ({
    at,
    by,
    what: `${isAct(act) ? actNamed(act).label : act}: ${projectionName(projection)}, version ${versions.join(', ')}`,
  }))

/** @param head where the log ends, if it is known */
export function projectionViews(
  versions: readonly ProjectionVersion[],
  head: Position | undefined,
  positionsPerEvent: bigint,
): ProjectionView[] {
  const groups = Map.groupBy(versions, ({ projection }) => projection)
  return [...groups].map(([name, versions]) => {
    const live = versions.find(({ status }) => status === 'live')
    const building = versions.find(({ status }) => status === 'building')
    return {
      name,
      title: projectionName(name),
      live: live && {
        version: live.version,
        position: position(live.position),
        lag: head === undefined ? undefined : eventsBetween(live.position, head, positionsPerEvent),
      },
      build: building && buildView(building, head, positionsPerEvent),
      retired: versions.filter(({ status }) => status === 'retired'),
      acts: actsOffered(versions).map((act) => actLink(name, act)),
    }
  })
}

/** What is being built, in words: no numbers that move. */
export const buildsSummary = (projections: readonly ProjectionView[]): string =>
  projections
    .filter(({ build }) => build !== undefined)
    .map(({ title, build }) => `${title}, version ${build!.version}: ${build!.state}.`)
    .join(' ')

export const actHref = (projection: string, act: ActName): string =>
  `/operator/projections/${encodeURIComponent(projection)}/${act}`

function actLink(projection: string, act: ActName) {
  const { label, look = '' } = actNamed(act)
  return { href: actHref(projection, act), label, look }
}

function buildView(
  { version, position: at, build }: ProjectionVersion,
  head: Position | undefined,
  positionsPerEvent: bigint,
): BuildView | undefined {
  if (!build) return undefined
  const end = head !== undefined && head > build.head ? head : build.head
  const lag = eventsBetween(at, end, positionsPerEvent)
  const isMoving = ['filling', 'following', 'verifying'].includes(build.state)
  return {
    version,
    state: buildStates[build.state],
    kind:
      build.state === 'ready' || build.state === 'paused' || build.state === 'failed'
        ? build.state
        : 'moving',
    percent: percentOf(build.events, at, end, build.state === 'ready', positionsPerEvent),
    position: position(at),
    head: position(end),
    lag,
    rate: figure(build.rate),
    timeLeft: isMoving && build.secondsLeft !== undefined ? duration(build.secondsLeft) : undefined,
    startedBy: build.startedBy,
    startedAt: build.startedAt,
    promoteWhenReady: build.promoteWhenReady,
    lastError: build.lastError,
  }
}

/**
 * How much is done. Where ranges of the log are filled side by side the position stands still meanwhile, so the events
 * count too. Only what is ready is whole.
 */
function percentOf(
  events: number,
  at: Position,
  end: Position,
  isReady: boolean,
  positionsPerEvent: bigint,
): number {
  if (isReady || end === 0n) return isReady ? 100 : 0
  const folded = BigInt(events) * positionsPerEvent
  const done = folded > at ? folded : at
  return Math.min(99.9, Number((done * 1000n) / end) / 10)
}
