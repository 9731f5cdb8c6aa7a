/**
 * Does `work` on many items at once and gives the results in the order of the items: a window of `size` that slides on
 * as its oldest is done. When the caller stops, no more items are taken and what is under way is waited for.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  size: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = []
  try {
    for await (const item of items) {
      const result = work(item)
      // Told when its turn comes; until then a failure is not an unhandled one.
      result.catch(() => {})
      underWay.push(result)
      if (underWay.length >= size) yield underWay.shift()!
    }
    while (underWay.length > 0) yield underWay.shift()!
  } finally {
    await Promise.allSettled(underWay)
  }
}
