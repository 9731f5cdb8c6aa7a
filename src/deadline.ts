/** A tier did not answer in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
}

/** Waits for `promise`, but no longer than `ms` milliseconds. */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  await withDeadline(ms, 'it', promise).catch((error: unknown) => {
    if (!(error instanceof DeadlineExceeded)) throw error
  })
}

/** `promise`, or DeadlineExceeded after `ms` milliseconds. What comes after that is ignored. */
export async function withDeadline<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(`${what} took more than ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
