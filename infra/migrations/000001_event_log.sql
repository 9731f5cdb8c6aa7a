-- The event log. Only append_events writes it, one committer at a time, so positions are dense and a reader who has
-- seen position p never finds an event before p later.

create table events (
  position       bigint           not null primary key,
  stream         text collate "C" not null,
  revision       bigint           not null,
  id             uuid             not null,
  type           text             not null,
  schema_version smallint         not null,
  data           json             not null,
  metadata       json,
  recorded_at    timestamptz      not null,
  unique (stream, revision)
);

-- json, not jsonb: the log is written once and read whole. It appends a third faster and reads twice as fast.

comment on table events is 'Everything that happened, in commit order. Append-only: written by append_events alone.';

-- Appends many groups of events in one transaction. A group belongs to one stream and is written whole or not at all;
-- one call holds at most one group for a stream. Every argument is a list with one line for each event, group after
-- group, because text splits faster than arrays parse:
--   expected   the revision at which the event's group expects its stream, -1 for none
--   revisions  the event's own revision to be
--   metadata   an empty line for none
-- A group that does not fit harms no other. The events that fit take the positions base + 1, base + 2, … in order.
-- refused names the streams of the others: {"stream", "actual": its revision, "position": of the last event of the
-- group if these very events had been written before, else null}.
create function append_events(
  streams text, expected text, revisions text, ids text, types text, versions text, data text, metadata text,
  out base bigint, out refused jsonb
) language plpgsql as $$
declare
  stream_list   text[]   := string_to_array(streams, E'\n');
  expected_list bigint[] := string_to_array(expected, E'\n')::bigint[];
  revision_list bigint[] := string_to_array(revisions, E'\n')::bigint[];
  id_list       uuid[]   := string_to_array(ids, E'\n')::uuid[];
begin
  -- Held to the end of the transaction: the next committer sees everything that this one wrote.
  perform pg_advisory_xact_lock(7461, 1);
  select coalesce(max(e.position), 0) into base from events e;

  select jsonb_agg(jsonb_build_object('stream', g.stream, 'actual', g.actual, 'position', g.repeated))
    into refused
    from (
      select i.stream, s.actual, case when bool_and(e.id is not null) then max(e.position) end as repeated
        from unnest(stream_list, expected_list, revision_list, id_list) as i (stream, expected, revision, id)
        cross join lateral (
          select coalesce(max(l.revision), -1) as actual from events l where l.stream = i.stream
        ) s
        left join events e on e.stream = i.stream and e.revision = i.revision and e.id = i.id
       where s.actual <> i.expected
       group by i.stream, s.actual
    ) g;

  insert into events (position, stream, revision, id, type, schema_version, data, metadata, recorded_at)
  select base + row_number() over (order by i.number), i.stream, i.revision, i.id, i.type, i.version::smallint,
         i.data::json, nullif(i.metadata, '')::json, clock_timestamp()
    from unnest(
           stream_list, revision_list, id_list, string_to_array(types, E'\n'), string_to_array(versions, E'\n'),
           string_to_array(append_events.data, E'\n'), string_to_array(append_events.metadata, E'\n')
         ) with ordinality as i (stream, revision, id, type, version, data, metadata, number)
   where refused is null
      or i.stream not in (select r ->> 'stream' from jsonb_array_elements(refused) r)
   order by i.number;

  -- Wakes every follower once the events can be read.
  perform pg_notify('event_log', '');
end
$$;
