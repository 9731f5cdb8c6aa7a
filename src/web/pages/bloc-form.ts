import { type BlocSize, blocSizes } from '../../queries/bloc.ts'
import { PageProblem } from './page-problem.ts'

/** Shown until somebody asks for another. */
const USUAL: BlocSize = 5

/** The size of the bloc that a page's address asks about. @throws {Problem} INVALID_REQUEST, for one that is not in the list */
export function blocSizeOf(query: unknown): BlocSize {
  const { bloc } = query as Readonly<Record<string, unknown>>
  if (bloc === undefined || bloc === '') return USUAL
  const size = blocSizes.find((each) => String(each) === bloc)
  if (size === undefined)
    throw new PageProblem('INVALID_REQUEST', ({ results }) => results.noSuchBloc(blocSizes))
  return size
}
