/** Where a form is sent, and by which button. */

export interface FormActions {
  /** Stores what it holds. */
  readonly submit: string
  /** Shows it once more before. */
  readonly review: string
  /** Does what a button says without a script. */
  readonly edit: string
}

/** The addresses of the form at `path`. */
export const actionsOf = (path: string): FormActions => {
  const below = path.endsWith('/') ? path : `${path}/`
  return { submit: path, review: `${below}review`, edit: `${below}edit` }
}

/** Which button was pressed, and the category that 'all into one' names. */
export function buttonOf(body: unknown): { readonly act: string; readonly into: string } {
  const { do: act, into } = (body ?? {}) as { do?: unknown; into?: unknown }
  return { act: typeof act === 'string' ? act : '', into: typeof into === 'string' ? into : '' }
}
