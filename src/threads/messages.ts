/** What goes to and fro between a process and a thread of its own that answers questions. */

/** Each job with its question and its answer. */
export type Jobs<Names extends string = string> = {
  readonly [Job in Names]: { readonly question: unknown; readonly answer: unknown }
}

/** A job with its question. */
export type RequestOf<All extends Jobs<Extract<keyof All, string>>> = {
  [Job in keyof All]: { readonly job: Job; readonly question: All[Job]['question'] }
}[keyof All]

/** What the thread says: some progress or a warning, then the answer, or what went wrong. */
export type ThreadMessage =
  | { readonly events: number; readonly of?: number }
  | { readonly warning: string }
  | { readonly answer: unknown }
  | { readonly error: string; readonly name: string }

/** Breaks off what the thread is at. */
export const STOP = 'stop'
