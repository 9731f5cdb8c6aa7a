-- Which processes run and how they fare, as each tells of itself every few seconds; and how the service grows, a line a day.

create table processes (
  id         uuid        not null primary key,
  roles      text[]      not null,
  host       text        not null,
  url        text        not null,
  version    text        not null,
  started_at timestamptz not null,
  seen_at    timestamptz not null default now(),
  readiness  json        not null,
  memory     bigint      not null,
  figures    json        not null
  -- Each row is rewritten every few seconds: in the room that is left for that, without touching the index.
) with (fillfactor = 20);

comment on table  processes            is 'Running processes, and those that were lost within the last hour. Removed by a clean end.';
comment on column processes.id         is 'Random, anew at each start.';
comment on column processes.host       is 'The machine''s or container''s own name.';
comment on column processes.url        is 'Where it listens.';
comment on column processes.version    is 'Of the program.';
comment on column processes.started_at is 'By this server''s clock, as seen_at.';
comment on column processes.seen_at    is 'When it last told of itself.';
comment on column processes.readiness  is 'What its /readyz says.';
comment on column processes.memory     is 'Resident, bytes.';
comment on column processes.figures    is 'Numbers by their names, of the last seconds or since its start.';

create table daily_sizes (
  day            date        not null primary key,
  taken_at       timestamptz not null default now(),
  database_bytes bigint      not null,
  position       bigint      not null
);

comment on table  daily_sizes                is 'How large the service was when the first process looked on each day (UTC): what growth is computed from.';
comment on column daily_sizes.database_bytes is 'Of this database, with all its indexes.';
comment on column daily_sizes.position       is 'Checkpoint of the results.';
