import { common } from './common.ts'
import { comparison } from './comparison.ts'
import { form } from './form.ts'
import { history } from './history.ts'
import { live } from './live.ts'
import { method } from './method.ts'
import { moment } from './moment.ts'
import { privacy } from './privacy.ts'
import { problems } from './problems.ts'
import { receipt } from './receipt.ts'
import { results } from './results.ts'
import { review } from './review.ts'
import { share } from './share.ts'
import { submission } from './submission.ts'
import { trends } from './trends.ts'
import { truthful } from './truthful.ts'

/** The pages in English. */
export const en = {
  common,
  comparison,
  form,
  history,
  live,
  method,
  moment,
  privacy,
  problems,
  receipt,
  results,
  review,
  share,
  submission,
  trends,
  truthful,
}
