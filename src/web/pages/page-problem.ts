import { Problem, type ProblemCode } from '../../errors.ts'
import type { Locale } from '../locale.ts'
import { languages } from '../words/languages.ts'
import { type Words, wordsIn } from '../words/words.ts'

/** The language of the API, of logs, and of what commands and queries say of a refusal. */
const [spokenByPrograms] = languages

/** What pages themselves refuse, in whichever language it will be told. */
export class PageProblem extends Problem {
  readonly says: (words: Words) => string

  constructor(code: ProblemCode, says: (words: Words) => string) {
    super(code, { detail: says(wordsIn(spokenByPrograms)) })
    this.says = says
  }
}

/** What is to be said of this very case; undefined if there is nothing but the general sentence in this language. */
export function sentenceFor(problem: Problem, { language, words }: Locale): string | undefined {
  if (problem instanceof PageProblem) return problem.says(words)
  return factual(problem, words) ?? (language === spokenByPrograms ? problem.detail : undefined)
}

function factual({ code, facts }: Problem, { problems }: Words): string | undefined {
  const { newest, since, position, number, moment } = facts
  if (code === 'POLL_NOT_FOUND' && moment) return problems.notYet
  if (code === 'POSITION_NOT_FOUND' && newest) return problems.newestPosition(newest)
  if (code === 'INTERNAL_ERROR' && number) return problems.reportNumber(number)
  if (code === 'EVENT_LOG_UNAVAILABLE') return problems.countsOnce
  if (code !== 'SUBMISSION_NOT_FOUND') return undefined
  return since && position ? problems.castLater(since, position) : problems.noSuchNumber
}
