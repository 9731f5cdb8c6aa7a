import { common } from './common.ts'
import { form } from './form.ts'
import { history } from './history.ts'
import { live } from './live.ts'
import { moment } from './moment.ts'
import { problems } from './problems.ts'
import { results } from './results.ts'
import { submission } from './submission.ts'
import { trends } from './trends.ts'

/** The pages in English. */
export const en = { common, form, history, live, moment, problems, results, submission, trends }
