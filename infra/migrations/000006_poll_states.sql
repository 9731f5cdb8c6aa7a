-- States of the polls now and then in the past, so that a question about the past replays thousands of events and not
-- all of them. Only their keeper writes them; they can be deleted at any time and are made again from the log.

create table poll_state_boundaries (
  fold_version integer     not null,
  position     bigint      not null,
  made_at      timestamptz not null default now(),
  primary key (fold_version, position)
);

comment on table poll_state_boundaries is
  'Positions of the log at which every poll''s state is known. What lies between two of them is a segment.';

create table poll_states (
  fold_version integer          not null,
  poll         text collate "C" not null,
  position     bigint           not null,
  after        bigint           not null,
  earliest     text             not null,
  latest       text             not null,
  state        json             not null,
  effect       json,
  primary key (fold_version, poll, position)
);

comment on table  poll_states          is 'One row for each segment that has events of the poll.';
comment on column poll_states.position is 'Boundary at the end of the segment; "after" is the one before it.';
comment on column poll_states.earliest is
  'Least occurredAt of the poll''s events in the segment; empty if one of them belongs to every time.';
comment on column poll_states.latest   is 'Greatest occurredAt of the poll''s events in the segment.';
comment on column poll_states.state    is 'The poll at the boundary.';
comment on column poll_states.effect   is
  'What the segment''s events do to the poll whatever it was before; null if that depends on what it was.';
