export interface LiveLimits {
  /** Sockets of this process. */
  readonly sockets: number
  /** Of them, those from one address: people of one house, school or meeting have one address together. */
  readonly socketsPerAddress: number
  /** A socket that has not answered one ping when the next is due is dead, milliseconds. Proxies give up silent ones after 60 s. */
  readonly pingMs: number
}

export const usualLimits: LiveLimits = { sockets: 5000, socketsPerAddress: 2500, pingMs: 20_000 }

/** Why we close a socket, for who reads it. Others are broken off without a word. */
export const closeCodes = {
  /** This process ends: come back, others are there. */
  ending: 1012,
  /** There is no room: ask with GET, and try again in some minutes. */
  full: 1013,
  /** Nothing is to be sent here. */
  talking: 1008,
} as const
