import pg from 'pg'

/**
 * SQLSTATE classes that say nothing about the statement but that the server cannot carry it out now: connection
 * exceptions, insufficient resources, operator intervention, system errors; and a server that has become read-only.
 */
const SERVER_TROUBLE = /^(08|53|57|58|25006)/

/**
 * Whether an error means that the server was lost, or cannot work now: the outcome is not known and the same statement
 * may succeed later.
 */
export const isLost = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? SERVER_TROUBLE.test(error.code ?? '') : !isMistake(error)

/** Our own mistakes come as these, never as the network's. */
const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError
