import type { LogArchive } from '../../events/log-archive.ts'
import { type Call, command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type ExitCode, FAILED, FINE } from '../exit-codes.ts'
import { group, showProgress } from '../progress.ts'
import { table } from '../table.ts'
import { type PlannedMonth, planArchive, type Wishes } from './plan.ts'

export const archive = command({
  name: 'archive',
  operands: [],
  summary: 'Writes past months of the event log to Parquet files, and takes them out of the database',
  options: {
    before: { type: 'string', value: 'MONTH', help: 'only months before this one: 2026-10' },
    month: { type: 'string', value: 'MONTH', help: 'only this month' },
    drop: { type: 'boolean', help: 'takes what is archived out of the database' },
    'dry-run': { type: 'boolean', help: 'only says what would be done' },
    yes: { type: 'boolean', help: 'does not ask before it drops' },
  },
  details: `The files go to ARCHIVE_DIR. Everything goes on as before: what is dropped is read from there, so every
process needs the folder, on several machines a volume that they share, and backups must have it. Months are those of
UTC. Stopped or killed at any moment it leaves the log whole: run it again.`,
  run: async (call) => {
    const { openArchive, projections } = await call.services()
    const opened = openArchive()
    if (!opened) {
      call.terminal.warn('The event log is in EventStoreDB: there is nothing to archive in PostgreSQL.')
      return FAILED
    }
    try {
      const { values } = call
      const plan = async () =>
        planArchive(await opened.months(), await projections.slowestCheckpoint(), values)
      return await carryOut({ ...call, values }, opened, plan)
    } finally {
      await opened.close()
    }
  },
})

type ArchiveCall = Pick<Call, 'terminal' | 'signal'> & {
  readonly values: Wishes & { readonly 'dry-run': boolean; readonly yes: boolean; readonly json: boolean }
}

async function carryOut(
  call: ArchiveCall,
  opened: LogArchive,
  plan: () => Promise<PlannedMonth[]>,
): Promise<ExitCode> {
  const { terminal, values, signal } = call
  const months = await plan()
  if (values['dry-run']) {
    print(call, opened.folder, months)
    return FINE
  }
  const dropped = months.filter(({ toDrop }) => toDrop)
  if (dropped.length > 0 && !(await confirm({ ...call, yes: values.yes }, question(dropped, opened))))
    return FAILED
  try {
    await opened.alone(signal, async (alone) => {
      for (const month of months) await treat(call, opened, month, alone)
    })
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.warn('Stopped. What is archived stays; run the same command again to go on.')
    return FAILED
  }
  print(call, opened.folder, await plan())
  // Who asked for one month wants to know that it was not possible.
  return values.month !== undefined && months.some(({ obstacle }) => obstacle !== undefined) ? FAILED : FINE
}

const question = (months: readonly PlannedMonth[], { folder }: LogArchive): string =>
  `Take ${months.map(({ month }) => month).join(', ')} out of the database, ${group(
    months.reduce((sum, { events }) => sum + events, 0),
  )} events? They are read from ${folder} then.`

async function treat(
  { terminal }: ArchiveCall,
  opened: LogArchive,
  { month, toArchive, toDrop }: PlannedMonth,
  signal: AbortSignal,
): Promise<void> {
  if (toArchive) {
    const progress = showProgress('events', terminal.stderr)
    await opened.archive(month, { signal, onProgress: progress.update }).finally(progress.stop)
    terminal.say(`archived ${month}`)
  }
  if (toDrop) {
    await opened.drop(month, signal)
    terminal.say(`dropped ${month}`)
  }
}

const columns = [
  { title: 'month' },
  { title: 'events', align: 'right' },
  { title: 'positions', align: 'right' },
  { title: 'in the database', align: 'right' },
  { title: 'archived', align: 'right' },
  { title: '' },
] as const

function print({ terminal, values }: ArchiveCall, folder: string, months: readonly PlannedMonth[]): void {
  if (values.json) terminal.print(JSON.stringify({ folder, months: months.map(forPrograms) }))
  else if (months.length === 0) terminal.print('There is no such month in the log.')
  else terminal.print(table(columns, months.map(rowOf), (title) => terminal.style('bold', title)))
}

const rowOf = (month: PlannedMonth): string[] => [
  month.month,
  group(month.events),
  month.events > 0 ? `${month.first}–${month.until}` : '',
  month.dropped ? 'dropped' : inUnits(month.size),
  month.archive ? inUnits(month.archive.bytes) : '',
  month.obstacle ?? [month.toArchive && 'to archive', month.toDrop && 'to drop'].filter(Boolean).join(', '),
]

const inUnits = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

const forPrograms = ({ first, until, archive, ...month }: PlannedMonth) => ({
  ...month,
  first: `${first}`,
  until: `${until}`,
  ...(archive && { archive: { file: archive.file, bytes: archive.bytes, sha256: archive.sha256 } }),
})
