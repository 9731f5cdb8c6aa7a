import { PollCatalogue } from '../../src/commands/poll-catalogue.ts'
import type { EventLog } from '../../src/events/event-log.ts'
import type { Exports } from '../../src/queries/exports/exports.ts'
import { ReadersLog } from '../../src/queries/readers-log.ts'
import type { ResultsQuery } from '../../src/queries/results.ts'
import type { WebContext } from '../../src/web/context.ts'
import { readPollTexts } from '../../src/web/poll-texts.ts'
import type { TestService } from '../support/service.ts'

interface Changes {
  readonly log?: EventLog
  readonly results?: ResultsQuery
  readonly exports?: Exports
  readonly publicUrl?: string
  readonly trustProxy?: boolean
  readonly snapshots?: WebContext['snapshots']
  readonly live?: WebContext['live']
  readonly readiness?: WebContext['readiness']
}

/** What a second web server on the data of a running service is given, with some of it exchanged. */
export function contextOf({ services, config }: TestService, changes: Changes): WebContext {
  const { commands, results, snapshots, trends } = services
  const log = changes.log ?? commands.log
  return {
    commands: { ...commands, log, polls: new PollCatalogue(log) },
    results: changes.results ?? results,
    snapshots: changes.snapshots ?? snapshots,
    trends,
    exports: changes.exports ?? services.exports,
    readersLog: new ReadersLog(log),
    parkedEvents: services.parkedEvents,
    exclusions: services.exclusions,
    secret: commands.secret,
    pollTexts: readPollTexts(config.pollsDir),
    defaultPoll: config.defaultPoll,
    publicUrl: changes.publicUrl ?? 'http://localhost',
    operatorToken: undefined,
    operator: undefined,
    trustProxy: changes.trustProxy ?? false,
    ...(changes.live && { live: changes.live }),
    logLevel: 'silent',
    metrics: services.metrics,
    readiness: changes.readiness ?? services.readiness,
  }
}
