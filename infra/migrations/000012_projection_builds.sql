-- Versions of the read models: the next one is built beside the live one, promoted in one transaction, and the one
-- before it stays until it is pruned.

create table projection_models (
  name       text    not null primary key,
  version    integer not null,
  generation integer not null default 0
);

comment on table  projection_models            is 'What can be rebuilt as one. Every act on its versions locks the row first: one goes after the other.';
comment on column projection_models.version    is 'The last number given to a version: none is given twice.';
comment on column projection_models.generation is 'How often another version has become the live one.';

insert into projection_models (name, version) values ('category-aggregate', 1), ('submissions', 1);

alter table projections
  add column generation  integer not null default 0,
  add column promoted_at timestamptz,
  add column promoted_by text,
  drop constraint projections_status_check,
  add constraint projections_status_check check (status in ('live', 'building', 'retired', 'discarded'));

comment on column projections.generation is 'Of the promotion by which it last became the live one; 0: it has been so from the beginning.';
comment on column projections.status     is 'discarded: nobody reads it any more, what it holds is being taken away.';

create table projection_builds (
  projection  text             not null primary key references projection_models (name),
  version     integer          not null,
  kind        text             not null check (kind in ('rebuild', 'rollback')),
  phase       text             not null default 'filling' check (phase in ('filling', 'following', 'verifying', 'ready')),
  paused      boolean          not null default false,
  failed      boolean          not null default false,
  last_error  text,
  promote     boolean          not null,
  started_by  text             not null,
  started_at  timestamptz      not null default now(),
  acted_by    text,
  head        bigint           not null default 0,
  events      bigint           not null default 0,
  rate        double precision not null default 0,
  worked_at   timestamptz
);

comment on table  projection_builds           is 'The one version of a read model that is on its way to being the live one.';
comment on column projection_builds.kind      is 'rollback: it was live before, and goes on from where it stood.';
comment on column projection_builds.acted_by  is 'Who last paused it or had it go on.';
comment on column projection_builds.promote   is 'Whether it is promoted by itself as soon as it is ready.';
comment on column projection_builds.head      is 'Where the log ended when it was last asked.';
comment on column projection_builds.rate      is 'Events a second, of late.';
comment on column projection_builds.worked_at is 'When somebody last worked on it; null: nobody has taken it up.';

-- A program from before this migration does not ask whether its version is still the live one. It finds its checkpoint
-- moved, as it would be by a rival, and starts anew with the live one.
create function keep_checkpoint() returns trigger language plpgsql as $$
begin
  return null;
end
$$;

create trigger keep_checkpoint before update of position on projections
  for each row when (old.status in ('retired', 'discarded')) execute function keep_checkpoint();
