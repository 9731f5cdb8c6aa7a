import type { Logger } from 'pino'
import type { EmbeddedServerOptions } from './postgres/embedded-server.ts'

/** Tells of the embedded PostgreSQL's deaths. @param onMove told, after the log, that what was opened is outdated */
export const embeddedLog = (logger: Logger, onMove: () => void = () => {}): EmbeddedServerOptions => ({
  onRestart: () => logger.warn('the embedded PostgreSQL was dead; it runs again'),
  onDead: (error) => logger.error({ err: error }, 'the embedded PostgreSQL is dead'),
  onMove: () => {
    logger.warn('the embedded PostgreSQL has moved: its port was taken while it was dead')
    onMove()
  },
})
