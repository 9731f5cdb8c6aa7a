/** What can be rebuilt, each as one, whatever it consists of. */
import { locks } from '../../postgres/advisory-lock.ts'
import { FOLD_VERSION } from '../fold.ts'
import { CATEGORY_AGGREGATE, PERIODS } from '../projection-store.ts'
import { ROWS_VERSION } from '../submission-rows/submissions-projection.ts'
import { SUBMISSIONS } from '../submission-rows/write-rows.ts'

export interface Buildable {
  /** Its rows in the table `projections`: they have the same versions, and change together. */
  readonly parts: readonly string[]
  /** Of today's code. */
  readonly foldVersion: number
  /** Who holds it is the one that builds. */
  readonly lock: number
  /** Events in one transaction while it is filled. */
  readonly rangeEvents: number
}

export type BuildableName = typeof CATEGORY_AGGREGATE | typeof SUBMISSIONS

export const buildables: Readonly<Record<BuildableName, Buildable>> = {
  [CATEGORY_AGGREGATE]: {
    parts: [CATEGORY_AGGREGATE, PERIODS],
    foldVersion: FOLD_VERSION,
    lock: locks.categoryAggregateBuilder,
    rangeEvents: 100_000,
  },
  [SUBMISSIONS]: {
    parts: [SUBMISSIONS],
    foldVersion: ROWS_VERSION,
    lock: locks.submissionsBuilder,
    rangeEvents: 20_000,
  },
}

export const buildableNames = Object.keys(buildables) as readonly BuildableName[]

export const isBuildable = (name: string): name is BuildableName => Object.hasOwn(buildables, name)
