-- The CategoryAggregate of every quarter of an hour. The projector writes it in the transaction that writes
-- category_aggregates, and makes a month's partition before the first write into it.

create table period_aggregates (
  version     integer          not null,
  poll        text collate "C" not null,
  start       timestamptz      not null,
  kind        text collate "C" not null check (kind in ('cast', 'change', 'both')),
  position    bigint           not null,
  counted     bigint           not null,
  excluded    bigint           not null,
  withdrawn   bigint           not null,
  sums        bigint[]         not null,
  sum_squares bigint[]         not null,
  histograms  json             not null,
  primary key (version, poll, start, kind)
) partition by range (start);

create index on period_aggregates (version, poll, position);

comment on table  period_aggregates             is 'One row for what a poll counts in a quarter of an hour, of one kind or of both.';
comment on column period_aggregates.start       is 'When the quarter of an hour begins.';
comment on column period_aggregates.kind        is
  'cast: submissions first cast then, at their current value. change: what events added and took away then. both: the two are the same, as they are until an event changes a submission of another quarter.';
comment on column period_aggregates.position    is 'Of the last event that changed it.';
comment on column period_aggregates.sums        is 'Sum of the shares of each category of the poll, in its order, basis points.';
comment on column period_aggregates.sum_squares is 'Sum of the squared shares of each category.';
comment on column period_aggregates.histograms  is
  'For each category, sparse: [[share in basis points, how many submissions give it], …] by ascending share; in change it may be negative.';

create table period_months (
  start     timestamptz not null primary key,
  partition text        not null
);

comment on table period_months is
  'Months whose partition was made once. One that is not attached any more is not made again: it would lack its past.';

-- Its own checkpoint: where a database is older than this table, the periods are made up for from the start of the log
-- while the results go on.
insert into projections (name, version, fold_version, status) values ('periods', 1, 1, 'live');
