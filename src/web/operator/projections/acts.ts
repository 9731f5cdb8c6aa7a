import type {
  ProjectionOperations,
  ProjectionVersion,
} from '../../../projections/builds/projection-operations.ts'
import { plural } from '../format.ts'
import { projectionName } from '../words.ts'

/** The versions of one projection, the newest first. */
type Versions = readonly ProjectionVersion[]

interface AskedAct {
  readonly operations: ProjectionOperations
  readonly projection: string
  readonly versions: Versions
  readonly by: string
  readonly promote: boolean
}

/** What an operator can do with a projection, and in which words. */
interface ProjectionAct {
  readonly label: string
  /** What the button says that does it, where the word alone could mean something else. */
  readonly button: string
  /** How its button looks. */
  readonly look?: 'primary' | 'danger'
  /** Whether it can be done now. */
  readonly fits: (versions: Versions) => boolean
  /** What it rests on: it is done only if that is still so. */
  readonly seen: (versions: Versions) => string
  readonly heading: (versions: Versions) => string
  /** What will happen. */
  readonly says: (versions: Versions) => readonly string[]
  /** @returns what was done */
  readonly run: (asked: AskedAct) => Promise<string>
}

const liveOf = (versions: Versions) => versions.find(({ status }) => status === 'live')
const buildOf = (versions: Versions) => versions.find(({ status }) => status === 'building')
const stateOf = (versions: Versions) => buildOf(versions)?.build?.state
/** The one that was live last before the present one: by a promotion, or from the beginning. */
const formerOf = (versions: Versions) =>
  retiredOf(versions).toSorted((a, b) => (b.promotedAt?.getTime() ?? 0) - (a.promotedAt?.getTime() ?? 0))[0]
const retiredOf = (versions: Versions) => versions.filter(({ status }) => status === 'retired')

const nameOf = (versions: Versions) => `“${projectionName(versions[0]?.projection ?? '')}”`
const number = (version: ProjectionVersion | undefined) =>
  version ? `version ${version.version}` : 'no version'
const liveSeen = (versions: Versions) => `${number(liveOf(versions))} is live`
const list = (versions: Versions) => versions.map(({ version }) => version).join(', ')

/** A build that is under way is seen as such, whatever it is at just then; else a page would be out of date at once. */
function buildSeen(versions: Versions): string {
  const build = buildOf(versions)
  if (!build) return 'nothing is being built'
  const state = stateOf(versions)
  const seen = state === 'paused' || state === 'failed' || state === 'ready' ? state : 'under way'
  return `${number(build)} is ${seen}`
}

const isUnderWay = (versions: Versions) => buildSeen(versions).endsWith('under way')

const acts = {
  rebuild: {
    label: 'Rebuild',
    button: 'Begin the rebuild',
    fits: (versions) => buildOf(versions) === undefined,
    seen: (versions) =>
      `${liveSeen(versions)}, ${buildSeen(versions)}, the newest is ${versions[0]?.version ?? 0}`,
    heading: (versions) => `Rebuild ${nameOf(versions)}`,
    says: (versions) => [
      `The next version is filled from the whole event log, beside ${number(liveOf(versions))}, which goes on serving. Nobody notices.`,
      'When it is level with the log it is compared with a replay. Nothing is promoted that does not agree with it.',
      'It can be paused, resumed and cancelled at any time, and goes on by itself after a crash.',
    ],
    run: async ({ operations, projection, by, promote }) => {
      const { version } = await operations.rebuild(projection, { by, promote })
      return `Version ${version} is being built${promote ? ', and is promoted as soon as it is ready' : ''}.`
    },
  },
  pause: {
    label: 'Pause',
    button: 'Pause the build',
    fits: isUnderWay,
    seen: buildSeen,
    heading: (versions) => `Pause ${number(buildOf(versions))} of ${nameOf(versions)}`,
    says: () => [
      'Building stops after the present batch. What is done stays, and resuming goes on from there.',
    ],
    run: async ({ operations, projection, by }) => {
      await operations.pause(projection, by)
      return 'The build is paused.'
    },
  },
  resume: {
    label: 'Resume',
    button: 'Resume the build',
    look: 'primary',
    fits: (versions) => stateOf(versions) === 'paused' || stateOf(versions) === 'failed',
    seen: buildSeen,
    heading: (versions) => `Resume ${number(buildOf(versions))} of ${nameOf(versions)}`,
    says: () => ['Building goes on from where it stands.'],
    run: async ({ operations, projection, by }) => {
      await operations.resume(projection, by)
      return 'The build goes on.'
    },
  },
  promote: {
    label: 'Promote',
    button: 'Promote it now',
    look: 'primary',
    fits: (versions) => stateOf(versions) === 'ready',
    seen: (versions) => `${liveSeen(versions)}, ${buildSeen(versions)}`,
    heading: (versions) => `Promote ${number(buildOf(versions))} of ${nameOf(versions)}`,
    says: (versions) => [
      `${capital(number(buildOf(versions)))} goes live in one step: everything that is asked from then on is answered by it.`,
      `${capital(number(liveOf(versions)))} is retired and kept, so that you can roll back.`,
    ],
    run: async ({ operations, projection, versions, by }) => {
      const { version } = buildOf(versions)!
      await operations.promote(projection, version, by)
      return `Version ${version} is live.`
    },
  },
  rollback: {
    label: 'Roll back',
    button: 'Roll back now',
    look: 'danger',
    fits: (versions) => formerOf(versions) !== undefined && buildOf(versions) === undefined,
    seen: (versions) =>
      `${liveSeen(versions)}, ${buildSeen(versions)}, before it ${number(formerOf(versions))}`,
    heading: (versions) => `Roll ${nameOf(versions)} back to ${number(formerOf(versions))}`,
    says: (versions) => [
      `${capital(number(formerOf(versions)))} is brought up to date with the log and compared with a replay, beside ${number(liveOf(versions))}, which goes on serving.`,
      `Only if it agrees does it go live, by itself and in one step: nobody sees the results go back. ${capital(number(liveOf(versions)))} is retired then, and kept.`,
    ],
    run: async ({ operations, projection, versions, by }) => {
      await operations.rollback(projection, by)
      return `${capital(number(formerOf(versions)))} is brought up to date and compared with a replay; it goes live by itself after that. Until then ${number(liveOf(versions))} is served.`
    },
  },
  cancel: {
    label: 'Cancel',
    button: 'Give the build up',
    look: 'danger',
    fits: (versions) => buildOf(versions) !== undefined,
    seen: (versions) => `${number(buildOf(versions))} is being built`,
    heading: (versions) => `Cancel ${number(buildOf(versions))} of ${nameOf(versions)}`,
    says: (versions) => [
      `What was built of ${number(buildOf(versions))} is taken away. ${capital(number(liveOf(versions)))} stays live. A rebuild can be begun anew.`,
    ],
    run: async ({ operations, projection, versions, by }) => {
      await operations.cancel(projection, by)
      return `Version ${buildOf(versions)!.version} is given up.`
    },
  },
  prune: {
    label: 'Prune',
    button: 'Take them away',
    look: 'danger',
    fits: (versions) => retiredOf(versions).length > 0,
    seen: (versions) => `retired are ${list(retiredOf(versions)) || 'none'}`,
    heading: (versions) => `Prune retired versions of ${nameOf(versions)}`,
    says: (versions) => [
      `${plural(retiredOf(versions).length, 'retired version')} (${list(retiredOf(versions))}) and what is stored of it is taken away. You cannot roll back to it any more; a rebuild makes the same again.`,
    ],
    run: async ({ operations, projection, by }) => {
      const pruned = await operations.prune(projection, by)
      return pruned.length === 0
        ? 'There was nothing to be taken away.'
        : `Taken away: version ${pruned.join(', ')}.`
    },
  },
} as const satisfies Record<string, ProjectionAct>

export type ActName = keyof typeof acts

export const isAct = (name: string): name is ActName => Object.hasOwn(acts, name)

/** An act by its name, as one of its kind. */
export const actNamed = (name: ActName): ProjectionAct => acts[name]

/** What can be done now, in the order of the buttons. */
export const actsOffered = (versions: Versions): ActName[] =>
  (Object.keys(acts) as ActName[]).filter((name) => acts[name].fits(versions))

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
