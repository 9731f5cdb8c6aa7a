/**
 * Does something with each of many, so many at once. The first failure stops it, once what is under way has ended.
 * @throws the signal's reason, or the first failure
 */
export async function eachAtOnce<T>(
  all: Iterable<T>,
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (each: T) => Promise<void>,
): Promise<void> {
  const iterator = all[Symbol.iterator]()
  let failed = false
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      if (failed || signal?.aborted) return
      await work(next.value).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, worker))
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  if (refused) throw refused.reason
  signal?.throwIfAborted()
}
