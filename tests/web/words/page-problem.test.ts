import { describe, expect, test } from 'vitest'
import { Problem, type ProblemCode, problems } from '../../../src/errors.ts'
import { localeOf } from '../../../src/web/locale.ts'
import { PageProblem, sentenceFor } from '../../../src/web/pages/page-problem.ts'
import { languages } from '../../../src/web/words/languages.ts'
import { wordsIn } from '../../../src/web/words/words.ts'

const [en, es] = languages.map((language) => localeOf({ originalUrl: `/${language}/`, headers: {} })) as [
  ReturnType<typeof localeOf>,
  ReturnType<typeof localeOf>,
]

test('every refusal has a heading in every language', () => {
  const codes = Object.keys(problems).sort()
  for (const language of languages)
    expect(Object.keys(wordsIn(language).problems.pages).sort()).toEqual(codes)
})

describe('what is said of a refusal', () => {
  test('is what the command said, in its own language; in others nothing rather than that', () => {
    const problem = new Problem('REPLAY_BUSY', { detail: 'Another replay is under way.' })
    expect(sentenceFor(problem, en)).toBe('Another replay is under way.')
    expect(sentenceFor(problem, es)).toBeUndefined()
  })

  test.each<[ProblemCode, Record<string, string>, string]>([
    ['POSITION_NOT_FOUND', { newest: '7' }, 'La posición más reciente es 7.'],
    ['INTERNAL_ERROR', { number: 'abc-1' }, 'con el número abc-1.'],
    [
      'SUBMISSION_NOT_FOUND',
      { since: '2026-11-23T10:00:00.000Z', position: '7' },
      'el 23 nov 2026, 10:00 UTC, en la posición 7.',
    ],
    ['SUBMISSION_NOT_FOUND', {}, 'ningún reparto tiene ese número'],
  ])('%s with %j is told with its facts', (code, facts, sentence) => {
    expect(sentenceFor(new Problem(code, { detail: 'English', facts }), es)).toContain(sentence)
  })

  test('by a page itself is told in each language, and in logs as by programs', () => {
    const problem = new PageProblem('WRONG_RECEIPT', ({ problems }) => problems.notYours('x'))
    expect(problem.detail).toBe('This browser does not hold the receipt of submission x.')
    expect(sentenceFor(problem, es)).toBe('Este navegador no tiene el recibo del reparto x.')
  })
})
