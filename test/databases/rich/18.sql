-- What PostgreSQL 18 brought.
CREATE TABLE public.computed (id uuid DEFAULT uuidv7() PRIMARY KEY, a integer CONSTRAINT a_is_there NOT NULL,
  twice integer GENERATED ALWAYS AS (a * 2) VIRTUAL, half integer GENERATED ALWAYS AS (100 / a) VIRTUAL, CONSTRAINT small CHECK (a < 10) NOT ENFORCED);
INSERT INTO public.computed (a) SELECT n FROM generate_series(0, 20) n;
ALTER TABLE public.computed ADD COLUMN b integer;
ALTER TABLE public.computed ADD CONSTRAINT b_is_there NOT NULL b NOT VALID;
CREATE TABLE public.tenancies (flat integer, during daterange, PRIMARY KEY (flat, during WITHOUT OVERLAPS));
CREATE TABLE public.payments (flat integer, during daterange, FOREIGN KEY (flat, PERIOD during) REFERENCES public.tenancies (flat, PERIOD during));
INSERT INTO public.tenancies VALUES (1, '[2025-01-01,2025-06-01)'), (1, '[2025-06-01,2026-01-01)');
INSERT INTO public.payments VALUES (1, '[2025-03-01,2025-09-01)');
CREATE TABLE public.loose (flat integer, during daterange);
ALTER TABLE public.loose ADD FOREIGN KEY (flat, PERIOD during) REFERENCES public.tenancies (flat, PERIOD during) NOT VALID;
CREATE TABLE public.lax (id integer REFERENCES public.tree NOT ENFORCED);
INSERT INTO public.lax VALUES (999);
CREATE TABLE public.folded (a text COLLATE pg_catalog.pg_unicode_fast);
CREATE FUNCTION public.changed() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC
  UPDATE public.folded SET a = casefold(a COLLATE pg_unicode_fast) RETURNING old.a || new.a; END;
