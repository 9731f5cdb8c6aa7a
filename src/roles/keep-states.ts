import type { Logger } from 'pino'
import { locks } from '../postgres/advisory-lock.ts'
import { whileActive } from '../postgres/while-active.ts'
import { keepPollStates } from '../projections/poll-states/keeper.ts'
import type { Services } from '../services.ts'

/** Keeps the states of the polls now and then, in one process at a time, until `signal` aborts. */
export async function keepStates(services: Services, logger: Logger, signal: AbortSignal): Promise<void> {
  const { commands, databaseUrl, replays } = services
  let failing = false
  const onError = (error: Error) => {
    if (!failing) logger.warn({ err: error }, 'states of the past are not kept: what is new is replayed')
    failing = true
  }
  const onKept = ({ upTo }: { readonly upTo: bigint }) => {
    if (failing) logger.info('states of the past are kept again')
    failing = false
    logger.debug({ position: String(upTo) }, 'the state of every poll is kept')
  }
  await whileActive({ databaseUrl, lock: locks.pollStates, onError }, signal, (active) =>
    keepPollStates({ ...replays, log: commands.log, onKept }, active),
  )
}
