import type pg from 'pg'

/** How a pool's connections are used at the moment. */
export interface PoolUse {
  readonly busy: number
  readonly idle: number
  /** Those who wait for one. */
  readonly waiting: number
}

export const useOf = ({ totalCount, idleCount, waitingCount }: pg.Pool): PoolUse => ({
  busy: totalCount - idleCount,
  idle: idleCount,
  waiting: waitingCount,
})
