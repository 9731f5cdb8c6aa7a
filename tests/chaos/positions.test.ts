import { describe, expect, it } from 'vitest'
import { Positions } from '../../chaos/clients/positions.ts'

/** Answers in the order of their coming; `asked` of them had come when this one was asked for. */
interface Answer {
  readonly web: string
  readonly life?: number
  readonly position: bigint
  readonly digest?: string
  /** After how many of the answers before it was asked for; all of them if left out. */
  readonly asked?: number
  readonly at?: number
}

function wrongIn(answers: readonly Answer[], calmSince?: number) {
  const positions = new Positions()
  positions.calmSince = calmSince
  const marks = new Map<Answer, ReturnType<Positions['mark']>>()
  const wrong = answers.flatMap((answer, index) => {
    for (const later of answers.slice(index))
      if ((later.asked ?? answers.indexOf(later)) === index)
        marks.set(later, positions.mark(later.web, later.life ?? 1, later.at ?? index))
    const { web, life = 1, position, digest = '', at = index } = answer
    return positions.check({ web, life, position, digest, tier: 'snapshot' }, marks.get(answer)!, at) ?? []
  })
  return { wrong, positions }
}

describe('one process', () => {
  it('may stand still and go on', () => {
    const { wrong, positions } = wrongIn([1n, 1n, 5n].map((position) => ({ web: 'a', position })))
    expect([wrong, positions.checked]).toEqual([[], 3])
  })

  it('must not go back', () => {
    const { wrong } = wrongIn([2n, 1n].map((position) => ({ web: 'a', position })))
    expect(wrong).toEqual(['a answered with 1 after 2'])
  })

  it('may answer late what was asked for before', () => {
    const late = { web: 'a', position: 1n, asked: 0 }
    expect(wrongIn([{ web: 'a', position: 2n }, late]).wrong).toEqual([])
  })

  it('must say the same at the same position, as all others', () => {
    const two = (web: string, digest: string) => ({ web, position: 1n, digest })
    expect(wrongIn([two('a', 'x'), two('b', 'x'), two('b', '')]).wrong).toEqual([])
    expect(wrongIn([two('a', 'x'), two('b', 'y')]).wrong).toEqual(['b answered at 1 otherwise than before'])
  })
})

describe('another process, or another life', () => {
  const behind = [
    { web: 'a', position: 1n, at: 0 },
    { web: 'a', position: 9n, at: 1000 },
    { web: 'a', life: 2, position: 1n, at: 4000 },
  ]

  it('may be behind while something is away, which is counted', () => {
    const { wrong, positions } = wrongIn(behind)
    expect(wrong).toEqual([])
    expect(positions.behindAnother).toMatchObject({ count: 1, longestMs: 3000 })
  })

  it('must not be behind for long when nothing has been away for a while', () => {
    expect(wrongIn(behind, -60_000).wrong).toHaveLength(1)
    expect(wrongIn(behind, 3000).wrong).toEqual([])
  })
})
