/**
 * A schema of rarely used features that a restore must bring back. Run by the owner of an empty database, who is not a
 * superuser. The comment beside each feature says why it is hard.
 */
export const RARE_SCHEMA = String.raw`
-- Names that need quotes, and two tables that read alike when written without them.
CREATE SCHEMA "Sales ""EU""";
CREATE SCHEMA "public.a";
CREATE TABLE public."a.b" (n int);
CREATE TABLE "public.a".b (n int);
INSERT INTO public."a.b" VALUES (1);
INSERT INTO "public.a".b VALUES (2);

-- Types of the application: binary COPY names some of them by numbers that differ in the copy.
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE TYPE "Sales ""EU"""."Mood" AS ENUM ('sad', 'ok', 'very "happy"');
ALTER TYPE "Sales ""EU"""."Mood" ADD VALUE 'so-so' BEFORE 'ok';
CREATE TYPE public.triple AS (x int, y numeric, label text);
CREATE TYPE public.nested AS (t triple, m "Sales ""EU"""."Mood"[]);
CREATE TYPE public.span AS RANGE (subtype = numeric);
CREATE DOMAIN public.email AS citext CHECK (VALUE ~ '@');
CREATE TABLE "Sales ""EU"""."Order Lines" (
  "select" bigint GENERATED ALWAYS AS IDENTITY (START 1000 INCREMENT 7) PRIMARY KEY,
  "naïve ""col""" text,
  mood "Sales ""EU"""."Mood" DEFAULT 'ok',
  moods "Sales ""EU"""."Mood"[],
  one public.triple,
  many public.triple[],
  deep public.nested,
  mail public.email,
  mails public.email[],
  spans public.span[],
  tags hstore
);
INSERT INTO "Sales ""EU"""."Order Lines" ("naïve ""col""", mood, moods, one, many, deep, mail, mails, spans, tags) VALUES
  ('a', 'sad', '{ok,"very \"happy\"",NULL}', '(1,2.50,"x,y")', '{"(1,,)","(,3,\"q\"\"q\")"}', '("(1,2,z)","{sad}")',
   'A@b', '{x@y}', '{"[1,2)",empty}', 'k=>v, n=>NULL'),
  (NULL, NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- Values that a careless format loses.
CREATE TABLE public."values" (
  id int PRIMARY KEY, f8 float8, f4 float4, n numeric, t text, c char(4), b bytea, ts timestamptz, d date, iv interval,
  j json, jb jsonb, a int[], ta text[], bits bit varying, ip inet, r tstzrange, mr int4multirange, m money, v tsvector, u uuid,
  bool boolean, x xid8, lsn pg_lsn, p point);
INSERT INTO public."values" (id, f8, f4, n, t, c, b, ts, d, iv) VALUES
  (1, 'NaN', '-0', 'NaN', E'tab\t line\n back\\slash \\N \\. \r \x01 end', 'x', '\x00ff5c', 'infinity', '4713-01-01 BC', '-1 mon +2 days -00:00:00.000001'),
  (2, '-0', 'Infinity', 1e-300, '', '', '\x', '-infinity', 'infinity', '0'),
  (3, 0.1, 1.1754944e-38, 1.10, '\N', 'ab', NULL, '0001-01-01 00:00:00+00 BC', NULL, '178000000 years'),
  (4, 4.9e-324, 3.4e38, 123456789012345678901234567890.000000000000000000001, '😀 ñ ' || chr(1), NULL, decode(repeat('00', 100), 'hex'), '2026-10-25 01:30:00.123456+02', '2026-02-28', '1 day');
INSERT INTO public."values" (id, j, jb, a, ta, bits, ip, r, mr, m, v, u, bool, x, lsn, p) VALUES
  (5, '{"a":1, "a": 2 }', '{"z":[1.0,null,"\u00e9"],"a":{}}', '[0:1][2:3]={{1,2},{3,NULL}}', '{"",NULL,"NULL","a,b","{}","\""}',
   B'0101', '10.0.0.0/8', '[2026-01-01,)', '{[1,3),[7,9)}', '-1234.56', 'a:1A fat:2,4', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
   true, '18446744073709551615', 'FFFFFFFF/FFFFFFFF', '(-0,1e300)');
INSERT INTO public."values" (id, t, b)
  SELECT 6, string_agg(md5(i::text), ''), decode(string_agg(md5(i::text), ''), 'hex') FROM generate_series(1, 60000) i;

-- Numbers of the catalogue as values: in binary they would name something else in the copy.
CREATE DOMAIN public.relation AS regclass;
CREATE TYPE public.relations AS (r public.relation, n int);
CREATE TABLE public.names_table (c regclass);
CREATE TABLE public.names_tables (cs regclass[]);
CREATE TABLE public.names_type (t regtype, p regprocedure);
CREATE TABLE public.names_deep (r public.relations[], o oid);
CREATE TABLE public.rights (rights aclitem[]);
INSERT INTO public.names_table VALUES ('public."values"'), (0);
INSERT INTO public.names_tables VALUES ('{public.names_table,"public.\"values\""}'), ('{}');
INSERT INTO public.names_type VALUES ('public.triple', 'lower(text)');
INSERT INTO public.names_deep VALUES ('{"(public.names_table,1)"}', 4294967295);
INSERT INTO public.rights VALUES ('{=r/local_admin}'), ('{}');

-- Tables without values of their own.
CREATE TABLE public.nothing ();
INSERT INTO public.nothing DEFAULT VALUES;
INSERT INTO public.nothing DEFAULT VALUES;
CREATE TABLE public.empty (id int PRIMARY KEY);
CREATE TABLE public.only_generated (g int GENERATED ALWAYS AS (42) STORED);
INSERT INTO public.only_generated DEFAULT VALUES;
CREATE TABLE public.generated (
  b int, s int GENERATED ALWAYS AS (b * 2) STORED, a text, v text GENERATED ALWAYS AS (a || '!') VIRTUAL, dropped int);
INSERT INTO public.generated (b, a, dropped) VALUES (1, 'one', 9), (NULL, NULL, 9);
ALTER TABLE public.generated DROP COLUMN dropped, ADD COLUMN late int DEFAULT 5;

-- A child whose columns stand in another order than a dump makes them, and a partition that was attached.
CREATE TABLE public.parent (a int, b text);
CREATE TABLE public.child (c date) INHERITS (public.parent);
ALTER TABLE public.parent ADD COLUMN d int DEFAULT 7;
INSERT INTO public.parent VALUES (1, 'p', 1);
INSERT INTO public.child (a, b, c, d) VALUES (2, 'c', '2026-01-01', 3), (3, 'cc', NULL, NULL);
CREATE TABLE public.measured (at date, id int, v text, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
CREATE TABLE public."measured 2026" PARTITION OF public.measured FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
CREATE TABLE public.measured_2026_1 PARTITION OF public."measured 2026" FOR VALUES IN (1);
CREATE TABLE public.measured_rest PARTITION OF public.measured DEFAULT;
CREATE TABLE public.measured_2025 (gone int, v text, id int NOT NULL, at date NOT NULL);
ALTER TABLE public.measured_2025 DROP COLUMN gone;
ALTER TABLE public.measured ATTACH PARTITION public.measured_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON public.measured (v);
INSERT INTO public.measured VALUES ('2026-03-01', 1, 'x'), ('2025-05-05', 5, 'y'), ('1999-01-01', 9, 'z');
CREATE UNLOGGED TABLE public.unlogged (id int);
INSERT INTO public.unlogged VALUES (1);

-- What would refuse or change rows while they are loaded.
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger fired'; END $$;
CREATE TABLE public.guarded (id int PRIMARY KEY, next int REFERENCES public.guarded DEFERRABLE INITIALLY DEFERRED, during int4range,
  EXCLUDE USING gist (during WITH &&), CHECK (id > 0));
INSERT INTO public.guarded VALUES (2, 1, '[1,2)'), (1, 2, '[2,3)');
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE public.guarded ADD CONSTRAINT odd CHECK (id % 2 = 1) NOT VALID;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON public.guarded FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();
CREATE RULE elsewhere AS ON INSERT TO public.nothing DO INSTEAD NOTHING;
CREATE TABLE public.secured (id int);
INSERT INTO public.secured VALUES (1), (2);
ALTER TABLE public.secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.secured USING (id = 1);

-- Views that can only be made once a key is there, and their indexes.
CREATE VIEW public.by_key AS SELECT id, t FROM public."values" GROUP BY id;
CREATE MATERIALIZED VIEW public."Kept Totals" AS SELECT id, t, count(*) AS n FROM public."values" GROUP BY id;
CREATE UNIQUE INDEX kept_totals_id ON public."Kept Totals" (id);
CREATE MATERIALIZED VIEW public.on_view AS SELECT id FROM public."Kept Totals" WHERE id > 2;
CREATE INDEX on_view_id ON public.on_view (id);
CREATE MATERIALIZED VIEW public.not_filled AS SELECT 1 AS n WITH NO DATA;

-- Sequences in every state.
CREATE SEQUENCE public.never_called START 17;
CREATE SEQUENCE public.down INCREMENT -3 MINVALUE -9223372036854775807 MAXVALUE -1 START -1;
SELECT nextval('public.down'), nextval('public.down');
CREATE SEQUENCE public.at_the_end MAXVALUE 3 CYCLE;
SELECT setval('public.at_the_end', 3);
CREATE SEQUENCE public.called_once;
SELECT nextval('public.called_once');
CREATE SEQUENCE public.set_back;
SELECT setval('public.set_back', 9007199254740993, false);

-- Text that looks like what a dump adds, and definitions that need one another.
CREATE FUNCTION public.looks_like_a_dump() RETURNS text LANGUAGE sql AS $$
SELECT '
-- Dumped from nowhere
--
-- Name: fake; Type: INDEX; Schema: public; Owner: -
--
' $$;
CREATE FUNCTION public.atomic(int) RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM public.guarded WHERE id = $1; END;
ALTER TABLE public.empty ADD COLUMN n bigint DEFAULT public.atomic(1);
CREATE INDEX ON public."values" (lower(t)) WHERE id < 6;
CREATE STATISTICS public.about_values ON id, f8 FROM public."values";
COMMENT ON TABLE public."values" IS E'a comment; with ''quotes''\n-- Name: fake; Type: INDEX; Schema: public; Owner: -\nand lines';
CREATE PUBLICATION changes FOR TABLE public.guarded;
`;
