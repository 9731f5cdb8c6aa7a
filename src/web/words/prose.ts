import type { Rich } from './rich.ts'

/** A piece of a page that is read from top to bottom. */
type Block =
  | { readonly text: Rich }
  | { readonly list: readonly Rich[] }
  /** To be copied into a terminal. */
  | { readonly code: readonly string[] }
  /** A drawing that the page has under this name. */
  | { readonly figure: string }

export interface ProseSection {
  /** For links into the page. */
  readonly id: string
  readonly heading: string
  readonly blocks: readonly Block[]
}
