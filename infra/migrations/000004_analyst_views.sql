-- SQL for analysts: schema `analyst` with views that hold no submission's id, no receipt's hash, and nothing that was
-- revised, withdrawn or excluded; and a role that may read them and nothing else. Nothing that a managed PostgreSQL may
-- refuse fails the migration: docs/analysts.md says how to make up for it, and that is to run this file again.

do $analyst$
begin
  if not has_database_privilege(current_user, current_database(), 'create') then
    raise warning 'The views for analysts are left out: % may not create a schema. docs/analysts.md says what to do.', current_user;
    return;
  end if;

  create schema if not exists analyst;
  comment on schema analyst is 'Read-only views for analysis. Shares are basis points: 100 = 1 %, 10000 = the whole.';

  create or replace view analyst.polls as
  select a.poll, a.definition ->> 'title' as title, a.definition ->> 'currency' as currency, a.status,
         a.counted, a.excluded, a.withdrawn,
         case when a.as_of ~ '^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$' then a.as_of::timestamptz end as as_of,
         a.position
    from poll_aggregates a
    join projections p on p.name = 'category-aggregate' and p.version = a.version and p.status = 'live';

  comment on view   analyst.polls           is 'One row for each poll.';
  comment on column analyst.polls.poll      is 'Its name in addresses.';
  comment on column analyst.polls.currency  is 'Of the budget, three letters, if the poll names one.';
  comment on column analyst.polls.status    is 'open or closed';
  comment on column analyst.polls.counted   is 'Submissions that count.';
  comment on column analyst.polls.excluded  is 'Submissions that an operator has set aside.';
  comment on column analyst.polls.withdrawn is 'Submissions that their owners have taken back.';
  comment on column analyst.polls.as_of     is 'When the latest of what is in here occurred.';
  comment on column analyst.polls.position  is 'Place in the event log of the last event that is in here.';

  -- Statistics as in the published results: nearest rank, and the midpoint of the two central values.
  create or replace view analyst.results as
  select a.poll, c.category, a.definition -> 'categories' -> c.ordinal ->> 'label' as label, c.ordinal + 1 as ordinal,
         c.count as counted, c.sum,
         c.sum::double precision / nullif(c.count, 0) as mean,
         h.median, h.p10, h.p25, h.p75, h.p90,
         case
           when c.count > 1 then
             sqrt((c.count::numeric * c.sum_squares - c.sum::numeric * c.sum)::double precision
                  / (c.count::numeric * (c.count - 1))::double precision)
         end as stddev,
         h.zeros
    from poll_aggregates a
    join projections p on p.name = 'category-aggregate' and p.version = a.version and p.status = 'live'
    join category_aggregates c on c.version = a.version and c.poll = a.poll
   cross join lateral (
     select (min(share) filter (where upto >= c.count - c.count / 2)
             + min(share) filter (where upto >= c.count / 2 + 1)) / 2.0::double precision as median,
            min(share) filter (where 100 * upto >= 10 * c.count) as p10,
            min(share) filter (where 100 * upto >= 25 * c.count) as p25,
            min(share) filter (where 100 * upto >= 75 * c.count) as p75,
            min(share) filter (where 100 * upto >= 90 * c.count) as p90,
            coalesce(sum(times) filter (where share = 0), 0)::bigint as zeros
       from (
         select share, times, sum(times) over (order by share) as upto
           from (
             select (pair ->> 0)::integer as share, (pair ->> 1)::bigint as times
               from json_array_elements(c.histogram) as pair
           ) as pairs
       ) as ranked
   ) as h;

  comment on view   analyst.results          is 'The results: one row for each category of each poll. The truthful budget is in the API alone.';
  comment on column analyst.results.category is 'Its id.';
  comment on column analyst.results.ordinal  is 'Its place in the poll, from 1.';
  comment on column analyst.results.counted  is 'Submissions that count.';
  comment on column analyst.results.sum      is 'Basis points that all of them give together.';
  comment on column analyst.results.mean     is 'Basis points; over a poll''s categories the means sum to 10000.';
  comment on column analyst.results.median   is 'Basis points, midpoint of the two central values; medians need not sum to 10000.';
  comment on column analyst.results.p10      is 'Basis points, nearest rank; so are p25, p75 and p90.';
  comment on column analyst.results.stddev   is 'Basis points, of a sample: n - 1.';
  comment on column analyst.results.zeros    is 'Submissions that give it nothing.';

  -- A barrier: no function in somebody's query gets to see a row that the view leaves out.
  create or replace view analyst.submissions with (security_barrier) as
  select r.poll, replace(r.pseudonym::text, '-', '') as pseudonym, r.submitted_at, r.changed_at,
         r.from_position as position
    from submission_rows r
   where r.to_position is null
     and r.version = (select version from projections where name = 'submissions' and status = 'live');

  comment on view   analyst.submissions              is 'One row for each submission that counts. May be some seconds behind the results.';
  comment on column analyst.submissions.pseudonym    is '32 hexadecimal digits that the holder of the receipt can compute: see docs/analysts.md.';
  comment on column analyst.submissions.submitted_at is 'When it was first cast.';
  comment on column analyst.submissions.changed_at   is 'When it got its present value.';
  comment on column analyst.submissions.position     is 'Place in the event log of the event that gave it its present value.';

  create or replace view analyst.shares with (security_barrier) as
  select r.poll, replace(r.pseudonym::text, '-', '') as pseudonym, c.category, c.label, c.ordinal,
         r.shares[c.ordinal]::integer as basis_points
    from submission_rows r
    join (
      select version, poll, category ->> 'id' as category, category ->> 'label' as label, ordinal::integer
        from submission_row_polls
       cross join lateral json_array_elements(definition -> 'categories') with ordinality as e (category, ordinal)
    ) as c on c.version = r.version and c.poll = r.poll
   where r.to_position is null
     and r.version = (select version from projections where name = 'submissions' and status = 'live');

  comment on view   analyst.shares              is 'What each submission that counts gives to each category, in long form.';
  comment on column analyst.shares.pseudonym    is 'As in submissions.';
  comment on column analyst.shares.category     is 'Its id.';
  comment on column analyst.shares.ordinal      is 'Its place in the poll, from 1.';
  comment on column analyst.shares.basis_points is '100 = 1 %; those of one submission sum to 10000.';

  begin
    if not exists (select from pg_roles where rolname = 'taxbudget_analyst') then
      create role taxbudget_analyst nologin;
      alter role taxbudget_analyst set default_transaction_read_only = on;
      alter role taxbudget_analyst set statement_timeout = '60s';
    end if;
  exception
    -- A rival migration of another database of this server.
    when duplicate_object or unique_violation then null;
    when others then
      raise warning 'The role taxbudget_analyst is left out: %. docs/analysts.md says how to make it by hand.', sqlerrm;
  end;

  if exists (select from pg_roles where rolname = 'taxbudget_analyst') then
    grant usage on schema analyst to taxbudget_analyst;
    grant select on all tables in schema analyst to taxbudget_analyst;
    alter default privileges in schema analyst grant select on tables to taxbudget_analyst;
  end if;
end
$analyst$;
