import { buildsSummary, type ProjectionView, projectionViews } from '../projections/projections-view.ts'
import { position } from '../words.ts'
import { type ChartsView, chartsView } from './charts.ts'
import { routines } from './doctor-view.ts'
import type { LiveState } from './live-state.ts'
import { type ProcessView, processViews, summaryOf } from './processes-view.ts'
import type { Sample } from './samples.ts'
import { knownOf, presented, type Told } from './told.ts'

/** A number at the top of the page; `isBad` if somebody should look. */
interface Fact {
  readonly label: string
  readonly text: string
  readonly isBad: boolean
  readonly href?: string
}

export interface OverviewView {
  readonly at: Date
  readonly facts: readonly Fact[]
  readonly projections: Told<readonly ProjectionView[]>
  readonly processes: Told<readonly ProcessView[]>
  readonly charts: ChartsView | undefined
  /** Told to screen readers when it changes: no numbers that move. */
  readonly summary: string
  /** What the doctor can be asked for. */
  readonly routines: typeof routines
}

/** From so many events on, more projecting is needed (see the scaling triggers). */
const TOO_FAR_BEHIND = 1000

/** Everything at a glance. */
export function overviewView(
  state: LiveState,
  samples: readonly Sample[],
  positionsPerEvent: bigint,
): OverviewView {
  const projections = presented(state.versions, (versions) =>
    projectionViews(versions, knownOf(state.head), positionsPerEvent),
  )
  const processes = presented(state.processes, (processes) => processViews(processes, state.at))
  return {
    at: state.at,
    facts: facts(state, knownOf(projections), knownOf(processes)),
    ...{ projections, processes, routines },
    charts: chartsView(samples, positionsPerEvent),
    summary: summary(knownOf(projections), knownOf(processes)),
  }
}

function facts(
  { head, parked }: LiveState,
  projections: readonly ProjectionView[] | undefined,
  processes: readonly ProcessView[] | undefined,
): Fact[] {
  const lags = projections?.map(({ live }) => live?.lag).filter((lag) => lag !== undefined)
  const backlog = lags && lags.length > 0 && 'value' in head ? Math.max(...lags) : undefined
  const waiting = knownOf(parked)?.length
  const { ready, alive } = summaryOf(processes ?? [])
  const unknown = { text: '?', isBad: true }
  return [
    {
      label: 'processes ready',
      ...(processes ? { text: `${ready} of ${alive}`, isBad: ready < alive || alive === 0 } : unknown),
    },
    {
      label: 'events in the log',
      ...('value' in head ? { text: position(head.value), isBad: false } : unknown),
    },
    {
      label: 'events in the backlog',
      ...(backlog === undefined
        ? unknown
        : { text: backlog.toLocaleString('en'), isBad: backlog > TOO_FAR_BEHIND }),
    },
    {
      label: 'events parked',
      href: '/operator/parked',
      ...(waiting === undefined ? unknown : { text: waiting.toLocaleString('en'), isBad: waiting > 0 }),
    },
  ]
}

function summary(
  projections: readonly ProjectionView[] | undefined,
  processes: readonly ProcessView[] | undefined,
): string {
  const { ready, alive } = summaryOf(processes ?? [])
  return `${ready} of ${alive} processes are ready. ${buildsSummary(projections ?? [])}`.trim()
}
