import { BadBackup } from '../backup/bad-backup.ts'
import { ConfigError } from '../config.ts'
import { Problem } from '../errors.ts'
import { EventLogUnavailable } from '../events/event-log.ts'
import { ArchiveDiffers, ArchiverAtWork } from '../events/log-archive.ts'
import { LogNotEmpty } from '../events/log-copy.ts'
import { InconsistentAggregate } from '../projections/poll-aggregate.ts'
import { FoldChanged } from '../projections/read-model.ts'
import { ApiFailed } from './check-deploy/api.ts'
import { UnusableFile } from './import/ballot-file.ts'
import { BadPollFile } from './polls/poll-file.ts'
import { ProjectionStandsStill } from './projection-stands-still.ts'
import { BadExport } from './recount/exported-file.ts'
import { ServiceRefused } from './simulate/api-client.ts'

/** Errors that are written for people: their message is enough. */
const forPeople = [
  Problem,
  ConfigError,
  UnusableFile,
  BadExport,
  BadPollFile,
  ServiceRefused,
  ProjectionStandsStill,
  InconsistentAggregate,
  FoldChanged,
  EventLogUnavailable,
  ArchiveDiffers,
  ArchiverAtWork,
  BadBackup,
  LogNotEmpty,
  ApiFailed,
]

const ofFiles: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder:',
  EISDIR: 'This is a folder, not a file:',
  ENOTDIR: 'There is no such file or folder:',
  EACCES: 'There is no permission to use',
  EEXIST: 'This is a file, not a folder:',
}

/** An error as the last thing that a person reads; one that nobody foresaw keeps its stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (forPeople.some((type) => error instanceof type)) return withFields(error)
  const { code = '', path } = error as NodeJS.ErrnoException
  if (error.name === 'AbortError') return 'Stopped.'
  // An error that was explained carries what it explains as its cause.
  if (error.cause instanceof Error && error.constructor === Error) return error.message
  // What could not be written has no name of its own in the error.
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk is full: nothing is left of what was written.'
  const what = ofFiles[code]
  if (what) return path ? `${what} ${path}.` : error.message
  return error.stack ?? error.message
}

function withFields(error: Error): string {
  const fields = error instanceof Problem ? error.errors : []
  return [
    error.message,
    ...fields.map(({ field, message }) => `  ${field ? `${field}: ` : ''}${message}`),
  ].join('\n')
}
