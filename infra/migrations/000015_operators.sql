-- What operators do that is no event of the log: who has signed out of the console, and acts on versions of read models.

create table signed_out_sessions (
  id         text        not null primary key,
  ends_at    timestamptz not null
);

comment on table  signed_out_sessions         is 'Sessions of the console that were ended before their time: their cookies are worth nothing any more.';
comment on column signed_out_sessions.ends_at is 'When the session would have ended by itself; the row is taken away after that.';

create table operator_acts (
  id         bigint      generated always as identity primary key,
  at         timestamptz not null default now(),
  by         text        not null,
  act        text        not null,
  projection text        not null,
  versions   integer[]   not null
);

comment on table  operator_acts          is 'Acts on versions of read models, kept for good, each written in the transaction that does it.';
comment on column operator_acts.by       is 'Label of the operator, or start-up.';
comment on column operator_acts.act      is 'rebuild, pause, resume, cancel, promote, rollback, prune.';
comment on column operator_acts.versions is 'Those that it was done to.';
