/** What is to be done when the code that folds is another one than that which made the live version. */
import { Problem } from '../../errors.ts'
import type { ProjectionOperations, ProjectionVersion } from './projection-operations.ts'
import { type BuildableName, buildables } from './read-models.ts'

export type FoldChange =
  | { readonly kind: 'none' }
  /** An older program made the live version. */
  | {
      readonly kind: 'newer' | 'older'
      readonly live: ProjectionVersion
      readonly today: number
      readonly others: readonly ProjectionVersion[]
    }

/** Compares the live version with this program. `newer`: this program is. */
export async function foldChange(
  operations: Pick<ProjectionOperations, 'list'>,
  projection: BuildableName,
): Promise<FoldChange> {
  const today = buildables[projection].foldVersion
  const versions = (await operations.list()).filter((each) => each.projection === projection)
  const live = versions.find(({ status }) => status === 'live')
  if (!live || live.foldVersion === today) return { kind: 'none' }
  const others = versions.filter((each) => each !== live)
  return { kind: today > live.foldVersion ? 'newer' : 'older', live, today, others }
}

/** In a sentence; for who asks how the projection fares. */
export function describeChange({ live, today, others }: Exclude<FoldChange, { kind: 'none' }>): string {
  const building = others.find(({ status }) => status === 'building')
  const next = building
    ? `version ${building.version} is being built: ${building.build?.state ?? 'waiting'}, at position ${building.position}`
    : 'it has to be rebuilt: taxbudget projections rebuild --promote'
  return (
    `version ${live.version} of ${live.projection} was made by fold ${live.foldVersion}, this program has fold ${today}: ` +
    `it stands still at position ${live.position} unless a program of that fold keeps it; ${next}`
  )
}

/**
 * Begins the rebuild that a newer program needs, to be promoted as soon as it is ready. An older program beside a newer
 * one leaves everything as it is; so does one whose version was live and was rolled back by an operator.
 * @returns the version that was begun; undefined if there is nothing to begin
 */
export async function rebuildForChange(
  operations: Pick<ProjectionOperations, 'cancel' | 'rebuild'>,
  change: FoldChange,
): Promise<ProjectionVersion | undefined> {
  if (change.kind !== 'newer') return undefined
  const { live, today, others } = change
  if (others.some(({ foldVersion }) => foldVersion >= today)) return undefined
  const by = 'start-up'
  try {
    // What an older program was building nobody will ever want to promote.
    if (others.some(({ status }) => status === 'building')) await operations.cancel(live.projection, by)
    return await operations.rebuild(live.projection, { by, promote: true })
  } catch (error) {
    // Another process has started at the same time.
    if (error instanceof Problem && (error.code === 'BUILD_EXISTS' || error.code === 'NO_BUILD'))
      return undefined
    throw error
  }
}
