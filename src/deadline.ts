/** A tier did not answer in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
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
