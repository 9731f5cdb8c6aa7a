-- Which programs may run beside which schema: docs/migrations.md has the rules.

alter table migrations add column oldest_program integer;

comment on table  migrations                is 'The SQL files that have made this schema, each applied once, in order.';
comment on column migrations.oldest_program is 'A program may run beside it if it knows the migrations up to this one; null: every program that could before may do so still.';

alter table processes add column schema integer;

comment on column processes.schema is 'The last migration that the program knows; null: it is from before 000014.';
