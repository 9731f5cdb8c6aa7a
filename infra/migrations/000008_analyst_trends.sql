-- SQL for analysts: how the collective budget moved. Where 000005 left out the schema these are left out too, and come
-- when both files are run by hand: docs/analysts.md.

do $analyst$
declare
  bucket text;
begin
  if to_regnamespace('analyst') is null then return; end if;
  if not has_schema_privilege('analyst', 'create') then
    raise warning 'The trends for analysts are left out: % may not create in schema analyst. docs/analysts.md says what to do.', current_user;
    return;
  end if;

  create or replace view analyst.categories as
  select a.poll, c.category ->> 'id' as category, c.category ->> 'label' as label, c.ordinal::integer as ordinal
    from poll_aggregates a
    join projections p on p.name = 'category-aggregate' and p.version = a.version and p.status = 'live'
   cross join lateral json_array_elements(a.definition -> 'categories') with ordinality as c (category, ordinal);

  comment on view   analyst.categories          is 'What each poll divides the money among: one row for each category.';
  comment on column analyst.categories.category is 'Its id.';
  comment on column analyst.categories.ordinal  is 'Its place in the poll, from 1.';

  create or replace view analyst.periods as
  select a.poll, k.kind, a.start, s.ordinal::integer as ordinal, a.counted, a.excluded, a.withdrawn, s.sum, s.sum_squares
    from (values ('cast', 'cast'), ('cast', 'both'), ('change', 'change'), ('change', 'both')) as k (kind, stored)
    join period_aggregates a on a.kind = k.stored
    join projections p on p.name = 'periods' and p.version = a.version and p.status = 'live'
   cross join lateral unnest(a.sums, a.sum_squares) with ordinality as s (sum, sum_squares, ordinal);

  comment on view   analyst.periods             is
    'What trends are added up of: a row for each quarter of an hour in which something happened and each category, of one of two kinds.';
  comment on column analyst.periods.kind        is
    'cast: submissions first cast then, at their current value. change: what was added and taken away then, maybe negative; up to a moment they sum to the budget as it stood.';
  comment on column analyst.periods.start       is 'When the quarter of an hour begins.';
  comment on column analyst.periods.ordinal     is 'Place of the category in the poll, from 1.';
  comment on column analyst.periods.counted     is 'Submissions that count; as excluded and withdrawn, the same for each category.';
  comment on column analyst.periods.excluded    is 'Submissions that an operator has set aside.';
  comment on column analyst.periods.withdrawn   is 'Submissions that their owners have taken back.';
  comment on column analyst.periods.sum         is 'Basis points that all who count give together.';
  comment on column analyst.periods.sum_squares is 'Of the basis points that each gives.';

  -- Buckets in which nothing happened are there, too, up to the present. Times without a zone inside: nothing depends on
  -- that of the session.
  foreach bucket in array array['hour', 'day', 'week', 'month'] loop
    execute format($view$
      create or replace view analyst.trends_%1$s as
      select t.poll, case t.kind when 'cast' then 'period' else 'cumulative' end as view, t.start at time zone 'UTC' as start,
             c.category, c.label, c.ordinal, t.counted, t.excluded, t.withdrawn, t.sum,
             t.sum::double precision / nullif(t.counted, 0)::double precision as mean
        from (
          select b.poll, b.kind, b.start, b.ordinal,
                 (case b.kind when 'cast' then b.counted   else sum(b.counted)   over upto end)::bigint as counted,
                 (case b.kind when 'cast' then b.excluded  else sum(b.excluded)  over upto end)::bigint as excluded,
                 (case b.kind when 'cast' then b.withdrawn else sum(b.withdrawn) over upto end)::bigint as withdrawn,
                 (case b.kind when 'cast' then b.sum       else sum(b.sum)       over upto end)::bigint as sum
            from (
              select s.poll, s.kind, s.start, s.ordinal, sum(s.counted) as counted, sum(s.excluded) as excluded,
                     sum(s.withdrawn) as withdrawn, sum(s.sum) as sum
                from (
                  select p.poll, p.kind, date_trunc('%1$s', p.start at time zone 'UTC') as start, p.ordinal,
                         p.counted, p.excluded, p.withdrawn, p.sum
                    from analyst.periods p
                   union all
                  select e.poll, e.kind, g.start, c.ordinal, 0, 0, 0, 0
                    from (
                      select poll, kind, min(start) as first, max(start) as last
                        from analyst.periods where ordinal = 1 group by poll, kind
                    ) as e
                    join analyst.categories c on c.poll = e.poll
                   cross join lateral generate_series(
                     date_trunc('%1$s', e.first at time zone 'UTC'), greatest(now(), e.last) at time zone 'UTC', '1 %1$s'
                   ) as g (start)
                ) as s
               group by s.poll, s.kind, s.start, s.ordinal
            ) as b
          window upto as (partition by b.poll, b.kind, b.ordinal order by b.start)
        ) as t
        join analyst.categories c on c.poll = t.poll and c.ordinal = t.ordinal
    $view$, bucket);
    execute format($comments$
      comment on view   analyst.trends_%1$s           is
        'How the collective budget moved: one row for each %1$s in UTC and each category, in one of two views. Say which, and which poll.';
      comment on column analyst.trends_%1$s.view      is
        'period: what people whose submission was first cast in the %1$s want, at its current value. cumulative: the collective budget as it stood at its end.';
      comment on column analyst.trends_%1$s.start     is 'When the %1$s begins; weeks begin on Monday.';
      comment on column analyst.trends_%1$s.category  is 'Its id.';
      comment on column analyst.trends_%1$s.ordinal   is 'Its place in the poll, from 1.';
      comment on column analyst.trends_%1$s.counted   is 'Submissions that count; as excluded and withdrawn, the same for each category.';
      comment on column analyst.trends_%1$s.excluded  is 'Submissions that an operator has set aside.';
      comment on column analyst.trends_%1$s.withdrawn is 'Submissions that their owners have taken back.';
      comment on column analyst.trends_%1$s.sum       is 'Basis points that all who count give together.';
      comment on column analyst.trends_%1$s.mean      is 'Basis points; over a poll''s categories the means sum to 10000. Null while nobody is counted.';
    $comments$, bucket);
  end loop;

  -- Also where whoever may do so made the role by hand.
  if exists (select from pg_roles where rolname = 'taxbudget_analyst') then
    grant select on all tables in schema analyst to taxbudget_analyst;
  end if;
end
$analyst$;
