import type { ReadinessReport } from '../readiness.ts'

/** One running process as it last told of itself; every process does so every few seconds. */
export interface ProcessState {
  /** Random, anew at each start. */
  readonly id: string
  readonly roles: readonly string[]
  /** The machine's or container's own name, and where it listens. */
  readonly host: string
  readonly url: string
  /** Of the program. */
  readonly version: string
  readonly startedAt: Date
  readonly seenAt: Date
  /** Whether it was heard of lately. */
  readonly alive: boolean
  readonly readiness: ReadinessReport
  /** Bytes. */
  readonly memory: number
  /** By its name, of the last seconds: requests, submissions and projected events a second, p95 of answers in ms, … */
  readonly figures: Readonly<Record<string, number>>
}

/** Who is there. Kept in the database that all share. */
export interface ProcessRegistry {
  /** Those that were heard of within the last hour, the newest first. */
  list(): Promise<readonly ProcessState[]>
}
