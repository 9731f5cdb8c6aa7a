import pg from 'pg'

/** Has an empty log begin in this month, `2026-01-01`, so that there are months before today's. */
export async function startLogAt(databaseUrl: string, month: string): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    const { rows } = await client.query(`select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'events'::regclass`)
    for (const { name } of rows) await client.query(`drop table ${name}`)
    await client.query('delete from log_months')
    await client.query('select prepare_log_month($1)', [month])
    await client.query('update log_months set first_position = 1')
  } finally {
    await client.end()
  }
}
