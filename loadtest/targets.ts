/** What people and programs ask for, and how long it may take at the 95th percentile, milliseconds. */
export const targets = { home: 100, submission: 200, results: 50, individual: 100 } as const

export type Kind = keyof typeof targets
export const kinds = Object.keys(targets) as Kind[]
