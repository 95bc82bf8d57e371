-- What PostgreSQL 15 brought.
CREATE TABLE public.nulls_once (a integer, b numeric(3, -2), c numeric(2, 5), UNIQUE NULLS NOT DISTINCT (a));
INSERT INTO public.nulls_once VALUES (NULL, 12345, 0.00012), (1, -99, NULL);
CREATE TABLE public.part_of_key (tenant integer, id integer, parent integer, PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, parent) REFERENCES public.part_of_key ON DELETE SET NULL (parent));
INSERT INTO public.part_of_key VALUES (1, 1, NULL), (1, 2, 1);
CREATE VIEW public.as_reader WITH (security_invoker = true) AS SELECT * FROM public.nulls_once;
CREATE UNIQUE INDEX ON public.nulls_once (b, c) NULLS NOT DISTINCT;
