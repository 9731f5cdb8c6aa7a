import { common } from './common.ts'
import { form } from './form.ts'
import { history } from './history.ts'
import { moment } from './moment.ts'
import { problems } from './problems.ts'
import { receipt } from './receipt.ts'
import { results } from './results.ts'
import { review } from './review.ts'
import { submission } from './submission.ts'
import { trends } from './trends.ts'

/** The pages in English. */
export const en = { common, form, history, moment, problems, receipt, results, review, submission, trends }
