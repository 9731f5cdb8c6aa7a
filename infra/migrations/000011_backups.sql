-- What is known of backups of the log. The files are elsewhere; this is for `doctor`, and for whoever asks.

create table backups (
  id          uuid        not null primary key,
  file        text        not null,
  sha256      text,
  position    bigint,
  events      bigint,
  made_at     timestamptz,
  verified_at timestamptz,
  verified    boolean,
  error       text
);

comment on table  backups             is 'Backups that were made, or tried, or verified with this database.';
comment on column backups.sha256      is 'Of the whole file; null if it did not come so far.';
comment on column backups.position    is 'The last position that is in it.';
comment on column backups.made_at     is 'When it was whole; null: it never was.';
comment on column backups.verified_at is 'When `backup verify` last came to a result.';
comment on column backups.verified    is 'Whether it then gave the log and the results that it was made of.';
comment on column backups.error       is 'What was wrong with the last attempt to make or to verify it.';

-- The first month of a log has what was there before it, too.
create function open_log_month_to_the_past(first_month date) returns void language plpgsql as $$
declare
  partition text := log_partition(first_month);
begin
  execute format('alter table events detach partition %I', partition);
  execute format(
    'alter table events attach partition %I for values from (minvalue) to (%L)', partition,
    log_month_start((first_month + interval '1 month')::date)
  );
end
$$;
