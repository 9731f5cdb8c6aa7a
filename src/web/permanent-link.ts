import type { PollAggregate } from '../projections/poll-aggregate.ts'
import type { ResultsOptions } from '../queries/results.ts'

/**
 * The query that always gives the numbers of this answer. It names the last event in them: what comes after it is
 * not asked for, whenever it occurred.
 */
export const permanentQuery = ({ position }: Pick<PollAggregate, 'position'>, asOf?: string): string =>
  asOf === undefined ? `?position=${position}` : `?asOf=${asOf}&position=${position}`

/**
 * Header `Link`: where these very numbers stay, by the registered name of such a link, and where the newest are.
 * @param path of the resource, without a query
 */
export const permanentLinkHeader = (
  path: string,
  aggregate: Pick<PollAggregate, 'position'>,
  { asOf, position }: Pick<ResultsOptions, 'asOf' | 'position'> = {},
): string => {
  const bookmark = `<${path}${permanentQuery(aggregate, asOf)}>; rel="bookmark"`
  const isPast = asOf !== undefined || position !== undefined
  return isPast ? `${bookmark}, <${path}>; rel="latest-version"` : bookmark
}
