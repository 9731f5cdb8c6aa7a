import type { PagesScope } from './plugin.ts'

/** What a part of a page that moves with the results tells its script. Pages of the past have none: they never move. */
export interface LivePart {
  /** Where messages come from. */
  readonly feed: string
  /** Where the part is to be had again: in what is there, it has the same `id`. */
  readonly fragment: string
  /** Of the pages: the script puts nothing of a newer version into an older one. */
  readonly version: string
}

/** @param poll whose results the page shows */
export const livePart = (
  { version }: Pick<PagesScope, 'version'>,
  poll: string,
  fragment: string,
): LivePart => ({ feed: `/api/polls/${poll}/live`, fragment, version })
