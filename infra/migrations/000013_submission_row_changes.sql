-- A version of the rows that is being filled has no indexes yet, so rows in it cannot be found: what changes them waits
-- here until they can be, and is taken away then.

create table submission_row_changes (
  version        integer          not null,
  position       bigint           not null,
  stream         text collate "C" not null,
  revision       bigint           not null,
  id             uuid             not null,
  type           text             not null,
  schema_version smallint         not null,
  data           json             not null,
  recorded_at    timestamptz      not null,
  of_poll        boolean          not null,
  primary key (version, position)
);

comment on table  submission_row_changes         is 'Events that change rows of a version that is being filled, until its rows have their indexes. Empty otherwise.';
comment on column submission_row_changes.of_poll is 'It opens a poll. It stays until all are applied, so that whoever goes on from the middle knows the polls.';
