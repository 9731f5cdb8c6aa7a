/**
 * Notes that this tab has shown everyone's results, until it is closed; other tabs with an open form hear of it. The
 * form sends the note along with a submission, and nothing else ever does.
 */
import { noteSeen } from './seen.js'

noteSeen(document.body.dataset.resultsOf)
