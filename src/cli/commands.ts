import { archive } from './archive/command.ts'
import { backup } from './backup/command.ts'
import { restore } from './backup/restore.ts'
import { verifyBackup } from './backup/verify.ts'
import { checkDeploy } from './check-deploy/command.ts'
import { checkDns } from './check-dns/command.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor/command.ts'
import { exportPoll } from './export/command.ts'
import { importFile } from './import/command.ts'
import { migrate } from './migrate.ts'
import { listParked } from './parked/list.ts'
import { retryParked } from './parked/retry.ts'
import { skipParked } from './parked/skip.ts'
import { closePoll } from './polls/close.ts'
import { listPolls } from './polls/list.ts'
import { openPoll } from './polls/open.ts'
import { reopenPoll } from './polls/reopen.ts'
import { cancel } from './projections/cancel.ts'
import { pause } from './projections/pause.ts'
import { promote } from './projections/promote.ts'
import { prune } from './projections/prune.ts'
import { rebuild } from './projections/rebuild.ts'
import { resume } from './projections/resume.ts'
import { rollback } from './projections/rollback.ts'
import { status } from './projections/status.ts'
import { verify } from './projections/verify.ts'
import { recount } from './recount/command.ts'
import { replayPoll } from './replay/command.ts'
import { showResults } from './results/show.ts'
import { simulate } from './simulate/command.ts'
import { excludeSubmissions, reinstateSubmissions } from './submissions/exclude.ts'
import { showTrends } from './trends/show.ts'

/** Everything that the command line can do, in the order of the help. */
export const commands: readonly Command[] = [
  listPolls,
  openPoll,
  closePoll,
  reopenPoll,
  importFile,
  showResults,
  showTrends,
  exportPoll,
  recount,
  replayPoll,
  simulate,
  migrate,
  archive,
  backup,
  verifyBackup,
  restore,
  status,
  rebuild,
  pause,
  resume,
  cancel,
  promote,
  rollback,
  prune,
  verify,
  listParked,
  retryParked,
  skipParked,
  excludeSubmissions,
  reinstateSubmissions,
  doctor,
  checkDeploy,
  checkDns,
]
