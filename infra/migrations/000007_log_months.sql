-- The event log by month, so that a month can be archived and dropped, without anything being forgotten that an append
-- must know: event_places keeps every event's place and id for ever, log_months where each month's events are.

create table event_places (
  position bigint           not null primary key,
  stream   text collate "C" not null,
  revision integer          not null,
  id       uuid             not null,
  unique (stream, revision)
);

comment on table event_places is
  'Where every event ever written stands, also those of months that were dropped: what makes places unique for ever.';

create table log_months (
  month          date   not null primary key check (extract(day from month) = 1),
  first_position bigint,
  last_position  bigint,
  file           text,
  bytes          bigint,
  sha256         text,
  digest         text,
  parts          json,
  archived_at    timestamptz,
  dropped_at     timestamptz,
  check (last_position >= first_position),
  check ((file is null) = (archived_at is null)),
  check (dropped_at is null or file is not null)
);

comment on table  log_months                is 'The months of the event log, in UTC. The first one has what was there before it, too.';
comment on column log_months.first_position is 'Null: its partition is ready, but it has not begun.';
comment on column log_months.last_position  is 'Null: it is the month that is written now, or has not begun.';
comment on column log_months.file           is 'The archive in Parquet, below ARCHIVE_DIR.';
comment on column log_months.digest         is 'SHA-256 of all its rows as COPY writes them: the same of the table and of the file.';
comment on column log_months.parts          is
  'Its row groups [[events, offset, bytes, sha256], …], and at the end its footer, with 0 events.';
comment on column log_months.dropped_at     is 'From then on its events are in the archive alone.';

-- The partition of a month, in UTC.
create function log_partition(month date) returns text language sql immutable return 'events_' || to_char(month, 'YYYY_MM');

create function log_month(at timestamptz) returns date language sql immutable
  return date_trunc('month', at at time zone 'UTC')::date;

-- Instant at which a month begins.
create function log_month_start(month date) returns timestamptz language sql immutable
  return month::timestamp at time zone 'UTC';

-- What is there already is read without holding anybody up; what is appended meanwhile follows below, under the lock.
insert into event_places (position, stream, revision, id) select position, stream, revision, id from events order by position;

-- From here on appends and readers wait. An append that waits inside the old append_events goes on with it afterwards,
-- into the new table: nothing in there may depend on the function alone.
select pg_advisory_xact_lock(7461, 1);
lock table events;
insert into event_places (position, stream, revision, id)
select position, stream, revision, id from events
 where position > (select coalesce(max(position), 0) from event_places)
 order by position;

alter table events rename to events_before;
alter table events_before rename constraint events_pkey to events_before_pkey;
alter table events_before drop constraint events_stream_revision_key;

create table events (
  position       bigint           not null,
  stream         text collate "C" not null,
  revision       bigint           not null,
  id             uuid             not null,
  type           text             not null,
  schema_version smallint         not null,
  data           json             not null,
  metadata       json,
  recorded_at    timestamptz      not null
) partition by range (recorded_at);

comment on table events is
  'Everything that happened, in commit order, by month: what has been dropped is in the archive. Append-only: written by append_events alone.';

-- A partition that stands by itself first and is attached then: that holds nobody up who appends or reads.
create function prepare_log_month(new_month date) returns void language plpgsql as $$
declare
  partition text := log_partition(new_month);
begin
  execute format('create table %I (like events including comments, primary key (position))', partition);
  execute format(
    'alter table events attach partition %I for values from (%L) to (%L)', partition,
    log_month_start(new_month), log_month_start((new_month + interval '1 month')::date)
  );
  insert into log_months (month) values (new_month);
end
$$;

do $$
declare
  latest    timestamptz := (select max(recorded_at) from events_before);
  now_month date := log_month(greatest(now(), latest));
begin
  if latest is null then
    drop table events_before;
    perform prepare_log_month(now_month);
    update log_months set first_position = 1;
  else
    execute format('alter table events_before rename to %I', log_partition(now_month));
    execute format(
      'alter table events attach partition %I for values from (minvalue) to (%L)', log_partition(now_month),
      log_month_start((now_month + interval '1 month')::date)
    );
    insert into log_months (month, first_position) values (now_month, 1);
  end if;
  perform prepare_log_month((now_month + interval '1 month')::date);
end
$$;

-- Whoever writes events, and however: their places are written with them, or neither.
create function keep_places() returns trigger language plpgsql as $$
begin
  insert into event_places (position, stream, revision, id) select w.position, w.stream, w.revision, w.id from written w;
  return null;
end
$$;
create trigger keep_places after insert on events referencing new table as written
  for each statement execute function keep_places();

-- The month that is written at this time. It begins with this append if it has not begun; a clock that was put back
-- goes on with the newest month, so that months follow each other in the order of positions.
create function write_month(at timestamptz, base bigint) returns timestamptz language plpgsql as $$
declare
  open_month date := (select max(m.month) from log_months m where m.first_position is not null);
  new_month  date := log_month(at);
begin
  if new_month > open_month then
    -- One that began without an append, to close the one before, and had none since: it never was.
    update log_months m
       set first_position = case when m.first_position <= base then m.first_position end,
           last_position  = case when m.first_position <= base then base end
     where m.month = open_month;
    -- Ready since the month before, but for a log to which nobody wrote for so long.
    if not exists (select from log_months m where m.month = new_month) then perform prepare_log_month(new_month); end if;
    update log_months m set first_position = base + 1 where m.month = new_month;
    open_month := new_month;
  end if;
  if not exists (select from log_months m where m.month = open_month + interval '1 month') then
    begin
      -- There is a month's time for it: no append waits for this.
      lock table events in share update exclusive mode nowait;
      perform prepare_log_month((open_month + interval '1 month')::date);
    exception when lock_not_available then null;
    end;
  end if;
  return greatest(at, log_month_start(open_month));
end
$$;

drop function append_events(text, text, text, text, text, text, text, text);

-- Appends many groups of events in one transaction. A group belongs to one stream and is written whole or not at all;
-- one call holds at most one group for a stream. Every argument is a list with one line for each event, group after
-- group, because text splits faster than arrays parse:
--   expected   the revision at which the event's group expects its stream, -1 for none
--   revisions  the event's own revision to be
--   metadata   an empty line for none
-- and then the time; the server's if left out.
-- A group that does not fit harms no other. The events that fit take the positions base + 1, base + 2, … in order.
-- refused names the streams of the others: {"stream", "actual": its revision, "position": of the last event of the
-- group if these very events had been written before, else null}.
create function append_events(
  streams text, expected text, revisions text, ids text, types text, versions text, data text, metadata text,
  at timestamptz default null, out base bigint, out refused jsonb
) language plpgsql as $$
declare
  stream_list   text[]   := string_to_array(streams, E'\n');
  expected_list bigint[] := string_to_array(expected, E'\n')::bigint[];
  revision_list bigint[] := string_to_array(revisions, E'\n')::bigint[];
  id_list       uuid[]   := string_to_array(ids, E'\n')::uuid[];
  refused_list  text[];
  written_at    timestamptz;
begin
  -- Held to the end of the transaction: the next committer sees everything that this one wrote.
  perform pg_advisory_xact_lock(7461, 1);
  select coalesce(max(p.position), 0) into base from event_places p;

  select jsonb_agg(jsonb_build_object('stream', g.stream, 'actual', g.actual, 'position', g.repeated)), array_agg(g.stream)
    into refused, refused_list
    from (
      select i.stream, s.actual, case when bool_and(p.id is not null) then max(p.position) end as repeated
        from unnest(stream_list, expected_list, revision_list, id_list) as i (stream, expected, revision, id)
        cross join lateral (
          select coalesce(max(l.revision), -1) as actual from event_places l where l.stream = i.stream
        ) s
        left join event_places p on p.stream = i.stream and p.revision = i.revision and p.id = i.id
       where s.actual <> i.expected
       group by i.stream, s.actual
    ) g;
  if refused_list @> stream_list then return; end if;

  written_at := write_month(coalesce(at, clock_timestamp()), base);
  insert into events (position, stream, revision, id, type, schema_version, data, metadata, recorded_at)
  select base + row_number() over (order by i.number), i.stream, i.revision, i.id, i.type, i.version::smallint,
         i.data::json, nullif(i.metadata, '')::json, written_at
    from unnest(
           stream_list, revision_list, id_list, string_to_array(types, E'\n'), string_to_array(versions, E'\n'),
           string_to_array(append_events.data, E'\n'), string_to_array(append_events.metadata, E'\n')
         ) with ordinality as i (stream, revision, id, type, version, data, metadata, number)
   where refused is null or i.stream <> all (refused_list)
   order by i.number;

  -- Wakes every follower once the events can be read.
  perform pg_notify('event_log', '');
end
$$;

-- Begins the month of this time though nobody appends: the one before is whole then.
create function begin_log_month(at timestamptz default null) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7461, 1);
  perform write_month(coalesce(at, clock_timestamp()), (select coalesce(max(position), 0) from event_places));
end
$$;

-- The events of a stream, in order. Of those that are in the archive alone there is but the place, with no type.
create function read_stream(of_stream text)
  returns table (
    "position" bigint, stream text, revision bigint, id uuid, type text, schema_version smallint, data json, metadata json,
    recorded_at timestamptz
  ) language plpgsql stable as $$
#variable_conflict use_column
declare
  part record;
begin
  for part in
    select m.month, m.dropped_at is not null as dropped, array_agg(p.position) as positions
      from event_places p
      join log_months m
        on p.position >= m.first_position and p.position <= coalesce(m.last_position, 9223372036854775807)
     where p.stream = of_stream
     group by m.month
  loop
    if part.dropped then
      return query
        select p.position, p.stream, p.revision::bigint, p.id, null, null::smallint, null::json, null::json, null::timestamptz
          from event_places p where p.stream = of_stream and p.position = any (part.positions);
    else
      return query execute format(
        'select position, stream, revision, id, type, schema_version, data, metadata, recorded_at from %I
          where position = any ($1)', log_partition(part.month)
      ) using part.positions;
    end if;
  end loop;
end
$$;

-- Drops the partition of a month whose archive has this SHA-256: all of it is looked at once more. Appends do not wait
-- for who reads it. It gives up soon when somebody does: try again.
create function drop_log_month(of_month date, of_sha256 text) returns void language plpgsql as $$
declare
  partition text := log_partition(of_month);
  archived  log_months;
  found     record;
begin
  perform set_config('lock_timeout', '500ms', true);
  select * into archived from log_months m where m.month = of_month for update;
  if archived.dropped_at is not null then return; end if;
  if archived.file is null or archived.sha256 is distinct from of_sha256 then
    raise exception 'the month % is not archived so', of_month;
  end if;
  execute format('lock table %I in access exclusive mode', partition);
  execute format('select count(*) as events, min(position) as first, max(position) as last from %I', partition) into found;
  if (found.first, found.last, found.events) is distinct from
     (archived.first_position, archived.last_position, archived.last_position - archived.first_position + 1) then
    raise exception 'the month % holds % events from % to %, which are not those of its archive',
      of_month, found.events, found.first, found.last;
  end if;
  lock table events in access exclusive mode;
  execute format('alter table events detach partition %I', partition);
  execute format('drop table %I', partition);
  update log_months m set dropped_at = clock_timestamp() where m.month = of_month;
end
$$;
