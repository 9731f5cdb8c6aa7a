import type { MomentView } from './moment-form.ts'
import type { PagesScope } from './plugin.ts'

/** What a page that moves with the results tells its script; undefined on pages of the past, which never move. */
export interface LivePart {
  /** Where what is new comes from. */
  readonly api: string
  /** Where all of the page is to be had again. */
  readonly page: string
  /** Of the pages: the script puts nothing of a newer version into an older one. */
  readonly version: string
}

/** @param poll whose results the page shows */
export const livePart = (
  { version }: Pick<PagesScope, 'version'>,
  poll: string,
  { path, past }: Pick<MomentView, 'path' | 'past'>,
): LivePart | undefined => (past ? undefined : { api: `/api/polls/${poll}/live`, page: path, version })
