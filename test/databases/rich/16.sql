-- What PostgreSQL 16 brought.
CREATE TABLE public.stored (id integer, long text STORAGE EXTERNAL COMPRESSION pglz);
INSERT INTO public.stored VALUES (0x1F, repeat('y', 9000)), (1_000, NULL);
CREATE VIEW public.is_it_json AS SELECT long, long IS JSON OBJECT WITH UNIQUE KEYS AS sound, json_array(1, 2 RETURNING jsonb) AS two FROM public.stored;
CREATE FUNCTION public.in_atomic() RETURNS jsonb LANGUAGE sql BEGIN ATOMIC SELECT json_objectagg(id: long ABSENT ON NULL RETURNING jsonb) FROM public.stored; END;
