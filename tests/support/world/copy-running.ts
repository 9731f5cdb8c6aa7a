import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { identity } from '../../../src/postgres/embedded-binaries.ts'

const run = promisify(execFile)

/** What is of the running server alone, or comes by the stream. */
const leftOut = ['postmaster.pid', 'postmaster.opts']

/**
 * A copy of a running server's files that follows it by streaming replication: what `pg_basebackup --write-recovery-conf`
 * makes, which does not come with the embedded PostgreSQL.
 */
export async function copyRunning(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    // Enough for a replica that is away for a test's time.
    await client.query(`alter system set wal_keep_size = '1GB'`)
    await client.query('select pg_reload_conf()')
    await client.query(`select pg_backup_start('replica', true)`)
    await mkdir(join(to, '..'), { recursive: true })
    await run('cp', ['-a', from, to])
    const { rows } = await client.query('select labelfile from pg_backup_stop(false)')
    for (const name of leftOut) await rm(join(to, name), { force: true })
    await emptied(join(to, 'pg_wal'))
    await writeFile(join(to, 'backup_label'), rows[0].labelfile)
    await writeFile(join(to, 'standby.signal'), '')
    const { hostname, port, username, password } = new URL(url)
    const way = `host=${hostname} port=${port} user=${username} password=${password}`
    // The last setting of a name counts.
    await writeFile(join(to, 'postgresql.auto.conf'), `primary_conninfo = '${way}'\n`, { flag: 'a' })
  } finally {
    await client.end()
  }
  const who = await identity()
  if (who) await run('chown', ['-R', `${who.uid}:${who.gid}`, to])
}

async function emptied(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile()) await rm(join(folder, entry.name))
}
