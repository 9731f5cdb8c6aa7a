-- The CategoryAggregate read model. Only the projector writes it, and moves the checkpoint in the same transaction.

create table projections (
  name         text    not null,
  version      integer not null,
  fold_version integer not null,
  status       text    not null check (status in ('live', 'building', 'retired')),
  position     bigint  not null default 0,
  unknown      bigint  not null default 0,
  primary key (name, version)
);

create unique index on projections (name) where status = 'live';

comment on table  projections              is 'Each version of each read model and how far it has come in the event log.';
comment on column projections.fold_version is 'Version of the code that folded it.';
comment on column projections.position     is 'Checkpoint: every event up to here is in the read model.';
comment on column projections.unknown      is 'Events passed over because their name or version is not known.';

insert into projections (name, version, fold_version, status) values ('category-aggregate', 1, 1, 'live');

create table poll_aggregates (
  version    integer          not null,
  poll       text collate "C" not null,
  definition json             not null,
  status     text             not null check (status in ('open', 'closed')),
  opened_at  bigint           not null,
  position   bigint           not null,
  as_of      text             not null,
  parked     bigint           not null,
  counted    bigint           not null,
  excluded   bigint           not null,
  withdrawn  bigint           not null,
  primary key (version, poll)
);

comment on column poll_aggregates.opened_at is 'Position of PollOpened: the order of the polls.';
comment on column poll_aggregates.position  is 'Position of the last of the poll''s own events that is counted here.';

create table category_aggregates (
  version     integer          not null,
  poll        text collate "C" not null,
  category    text collate "C" not null,
  ordinal     integer          not null,
  count       bigint           not null,
  sum         bigint           not null,
  sum_squares bigint           not null,
  histogram   json             not null,
  primary key (version, poll, category)
);

-- json, not arrays: it is only ever read whole, and written out as it stands.
comment on column category_aggregates.histogram is
  'Sparse: [[share in basis points, how many submissions give it], …] by ascending share.';

create table parked_events (
  version   integer     not null,
  position  bigint      not null,
  poll      text,
  stream    text        not null,
  type      text        not null,
  error     text        not null,
  parked_at timestamptz not null default now(),
  primary key (version, position)
);

comment on table parked_events is 'Events that could not be applied, with the error; they never stop the rest.';
