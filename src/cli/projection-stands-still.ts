/** The projection does not move although the log goes on. */
export class ProjectionStandsStill extends Error {
  override readonly name = 'ProjectionStandsStill'
}
