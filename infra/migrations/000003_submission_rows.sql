-- The submissions read model: one row for each value that a submission has had, so that those which counted at any
-- position or time are read without a replay. Only its projector writes it, and moves the checkpoint in the same
-- transaction.

insert into projections (name, version, fold_version, status) values ('submissions', 1, 1, 'live');

-- By version, so that one that is no longer needed is dropped in an instant. Not by month: whatever is exported must
-- give the published results again, so no month can be taken away before its poll, every export reads all months, and
-- in the order of positions, which a partition by month would have to merge.
create table submission_rows (
  version       integer          not null,
  submission    uuid             not null,
  poll          text collate "C" not null,
  pseudonym     uuid             not null,
  from_position bigint           not null,
  to_position   bigint           check (to_position > from_position),
  submitted_at  timestamptz      not null,
  changed_at    timestamptz      not null check (changed_at >= submitted_at),
  to_time       timestamptz      check (to_time >= changed_at),
  ending        text             check (ending in ('revised', 'withdrawn', 'excluded')),
  shares        smallint[]       not null,
  primary key (submission, from_position, version),
  check (num_nulls(to_position, to_time, ending) in (0, 3))
) partition by list (version);

-- Room on every page for rows that end, so that their indexes need not change.
create table submission_rows_1 partition of submission_rows for values in (1) with (fillfactor = 90);

create index on submission_rows (poll, from_position);
create index on submission_rows (pseudonym);

comment on table  submission_rows               is 'Temporal rows: what each submission gave, and from when to when it counted.';
comment on column submission_rows.pseudonym     is '128 bits that follow from the hash of the receipt, kept as uuid because that is their size.';
comment on column submission_rows.from_position is 'Of the event that gave this value.';
comment on column submission_rows.to_position   is 'Of the event that ended it; null while it stands. It counts at position p if from_position <= p and p < to_position.';
comment on column submission_rows.changed_at    is 'When it got this value: the latest occurredAt of the submission''s events so far, since a clock may go back.';
comment on column submission_rows.to_time       is 'When that ended, in the same way.';
comment on column submission_rows.shares        is 'Basis points in the order of the poll''s categories.';

create table submission_row_polls (
  version    integer          not null,
  poll       text collate "C" not null,
  definition json             not null,
  primary key (version, poll)
);

comment on table submission_row_polls is 'The polls that the rows of a version know: each from its opening on.';
