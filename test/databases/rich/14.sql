-- What PostgreSQL 14 can hold and its owner, who is no superuser, may make. Each later file adds what its version brought.

CREATE SCHEMA shop;
CREATE SCHEMA "Odd Schema";
CREATE EXTENSION pg_trgm WITH SCHEMA public;
CREATE EXTENSION btree_gist WITH SCHEMA public;
CREATE EXTENSION hstore WITH SCHEMA shop;
CREATE EXTENSION citext WITH SCHEMA public;
CREATE EXTENSION pgcrypto;
CREATE EXTENSION ltree;
CREATE EXTENSION unaccent;
CREATE EXTENSION intarray;
CREATE EXTENSION "cube";
CREATE EXTENSION tablefunc;
CREATE EXTENSION fuzzystrmatch;

-- Types.
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'sent');
ALTER TYPE shop.state ADD VALUE 'lost; --' AFTER 'sent';
CREATE DOMAIN shop.email AS public.citext CONSTRAINT has_at CHECK (VALUE ~ '@') NOT NULL;
CREATE DOMAIN shop.year AS integer DEFAULT 2000 CHECK (VALUE BETWEEN 1901 AND 2155);
CREATE DOMAIN shop.years AS shop.year[] CHECK (cardinality(VALUE) < 10);
CREATE TYPE shop.money AS (amount numeric(12, 2), currency char(3));
CREATE TYPE shop.moment_range AS RANGE (subtype = timestamptz, multirange_type_name = shop.moment_ranges);
CREATE COLLATION shop.by_bytes FROM "C";
COMMENT ON TYPE shop.state IS 'It''s "quoted"; and
-- has lines
';

-- Functions, procedures, aggregates, operators, casts.
CREATE FUNCTION shop.tax(price numeric, rate numeric DEFAULT 0.19) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE BEGIN ATOMIC SELECT round(price * rate, 2); END;
CREATE FUNCTION shop.label(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE COST 10
  SET search_path = shop, pg_temp AS $body$
BEGIN
  -- $$ nested $$ and a semicolon;
  RETURN array_to_string(parts, E'\n;\t');
END $body$;
CREATE PROCEDURE shop.halve(IN n integer, OUT half integer) LANGUAGE plpgsql AS 'BEGIN half := n / 2; END';
CREATE FUNCTION shop.longest_step(text, text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN length($1) >= length($2) THEN $1 ELSE coalesce($2, $1) END $$;
CREATE AGGREGATE shop.longest(text) (SFUNC = shop.longest_step, STYPE = text, INITCOND = '', COMBINEFUNC = shop.longest_step, PARALLEL = SAFE);
CREATE FUNCTION shop.middle_of(float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT each FROM unnest($1) each ORDER BY each OFFSET cardinality($1) / 2 LIMIT 1 $$;
CREATE AGGREGATE shop.middle(ORDER BY float8) (SFUNC = array_append, STYPE = float8[], FINALFUNC = shop.middle_of, INITCOND = '{}');
CREATE FUNCTION shop.later(shop.state, shop.state) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > $2';
CREATE OPERATOR shop.>>> (LEFTARG = shop.state, RIGHTARG = shop.state, FUNCTION = shop.later, COMMUTATOR = OPERATOR(shop.<<<));
CREATE OPERATOR shop.<<< (LEFTARG = shop.state, RIGHTARG = shop.state, FUNCTION = shop.later, COMMUTATOR = OPERATOR(shop.>>>));
CREATE FUNCTION shop.amount_of(shop.money) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT ($1).amount';
CREATE CAST (shop.money AS numeric) WITH FUNCTION shop.amount_of AS ASSIGNMENT;

-- Full text.
CREATE TEXT SEARCH DICTIONARY shop.plain (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION shop.english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION shop.english ALTER MAPPING FOR asciiword, word WITH shop.plain, english_stem;

-- Tables.
CREATE SEQUENCE shop.tickets AS smallint INCREMENT -3 MINVALUE -30000 MAXVALUE 30000 START 100 CACHE 5 CYCLE;
CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY (START 1000 INCREMENT 10) PRIMARY KEY,
  email shop.email UNIQUE,
  name text COLLATE shop.by_bytes NOT NULL DEFAULT 'none',
  born shop.year,
  tags text[] NOT NULL DEFAULT '{}',
  facts shop.hstore,
  profile jsonb,
  note xml,
  seen inet,
  gone text,
  search tsvector GENERATED ALWAYS AS (to_tsvector('shop.english', name)) STORED,
  ticket smallint DEFAULT nextval('shop.tickets'),
  CONSTRAINT short_name CHECK (length(name) < 200) NO INHERIT
) WITH (fillfactor = 70, toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_enabled = false);
ALTER TABLE shop.customers DROP COLUMN gone;
ALTER TABLE shop.customers ALTER COLUMN profile SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 500,
  ALTER COLUMN note SET COMPRESSION pglz, ALTER COLUMN tags SET (n_distinct = -0.5);
ALTER SEQUENCE shop.tickets OWNED BY shop.customers.ticket;
CREATE INDEX ON shop.customers USING gin (search);
CREATE INDEX ON shop.customers USING gin (name public.gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX ON shop.customers USING gin (tags) WHERE cardinality(tags) > 0;
CREATE INDEX ON shop.customers USING hash (seen);
CREATE INDEX ON shop.customers USING spgist (seen inet_ops);
CREATE INDEX customers_by_label ON shop.customers (shop.label(VARIADIC tags) DESC NULLS LAST, born) INCLUDE (name);
CREATE INDEX ON shop.customers USING brin (id) WITH (pages_per_range = 4, autosummarize = on);
ALTER TABLE shop.customers CLUSTER ON customers_by_label;
ALTER INDEX shop.customers_by_label ALTER COLUMN 1 SET STATISTICS 50;
CREATE STATISTICS shop.related (dependencies, ndistinct, mcv) ON born, name FROM shop.customers;
CREATE STATISTICS shop.of_expression ON (born + 1), (lower(name)) FROM shop.customers;
COMMENT ON COLUMN shop.customers.born IS 'the year; not the day';
COMMENT ON CONSTRAINT short_name ON shop.customers IS 'a comment -- with a dash';
INSERT INTO shop.customers (email, name, born, tags, facts, profile, note, seen)
  SELECT 'Person' || n || '@Example.org', E'Name \\ \t ' || chr(200 + n) || n, 1950 + n % 50, ARRAY['t' || n % 3, NULL, E'a"b\\'],
    shop.hstore('k' || n, NULL), jsonb_build_object('n', n, 'big', repeat('x', n * 40)), '<a b="1">text &amp; more</a>',
    ('10.0.' || n % 256 || '.1/24')::inet FROM generate_series(1, 200) n;

CREATE TABLE shop.orders (
  id integer NOT NULL, placed timestamptz NOT NULL, customer bigint REFERENCES shop.customers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  state shop.state NOT NULL DEFAULT 'new', price shop.money, open_at shop.moment_range, closed shop.moment_ranges,
  years shop.years, PRIMARY KEY (id, placed, state)
) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_2024 PARTITION OF shop.orders FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2025-01-01 00:00+00');
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00') PARTITION BY LIST (state);
CREATE TABLE shop.orders_2025_open PARTITION OF shop.orders_2025 FOR VALUES IN ('new', 'paid');
CREATE TABLE shop.orders_2025_rest PARTITION OF shop.orders_2025 DEFAULT PARTITION BY HASH (id);
CREATE TABLE shop.orders_2025_rest_0 PARTITION OF shop.orders_2025_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.orders_2025_rest_1 PARTITION OF shop.orders_2025_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
-- Attached later: its columns are in another order.
CREATE TABLE shop.orders_old (placed timestamptz NOT NULL, id integer NOT NULL, state shop.state NOT NULL, customer bigint,
  price shop.money, years shop.years, closed shop.moment_ranges, open_at shop.moment_range);
ALTER TABLE shop.orders ATTACH PARTITION shop.orders_old DEFAULT;
CREATE INDEX orders_by_customer ON shop.orders (customer);
CREATE INDEX ON shop.orders_2024 (((price).amount));
ALTER TABLE shop.orders_2024 ADD CONSTRAINT paid_in_time CHECK (state <> 'new' OR placed > '2024-01-01 00:00+00') NOT VALID;
INSERT INTO shop.orders
  SELECT n, '2023-12-01 00:00+00'::timestamptz + n * interval '7 days', 1000 + 10 * (n % 100),
    (enum_range(NULL::shop.state))[1 + n % 4], ROW((n * 1.01)::numeric(12, 2), 'EUR'::char(3))::shop.money, shop.moment_range('2024-01-01 00:00+00', NULL),
    ('{[2024-01-01 00:00+00,2024-01-02 00:00+00),[2024-02-01 00:00+00,' || CASE WHEN n % 2 = 0 THEN 'infinity' ELSE '' END || ')}')::shop.moment_ranges,
    ARRAY[1999, 2000 + n % 20] FROM generate_series(1, 150) n;

-- Inheritance, the older kind: the child's columns are in the order that it was made with.
CREATE TABLE shop.places (name text NOT NULL, height integer CHECK (height < 9000));
CREATE TABLE shop.cities (mayor text, PRIMARY KEY (name)) INHERITS (shop.places);
CREATE TABLE shop.capitals (country char(2) UNIQUE) INHERITS (shop.cities);
ALTER TABLE shop.capitals ALTER COLUMN height SET DEFAULT 10;
INSERT INTO shop.places VALUES ('Hill', 300);
INSERT INTO shop.cities VALUES ('Berne', 540, 'A');
INSERT INTO shop.capitals VALUES ('Bern', 542, 'B', 'CH');

-- Constraints of every kind.
CREATE TABLE public.rooms (
  room integer, during tstzrange, price numeric(6, 2), ratio real, area point,
  EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0),
  CONSTRAINT once UNIQUE (room, price) DEFERRABLE INITIALLY IMMEDIATE
);
INSERT INTO public.rooms SELECT n, tstzrange('2025-01-01 00:00+00', '2025-01-02 00:00+00'), n / 3.0, 'NaN', point(n, -0.0) FROM generate_series(1, 50) n;
CREATE TABLE public.tree (id integer PRIMARY KEY, parent integer REFERENCES public.tree, path public.ltree);
CREATE INDEX ON public.tree USING gist (path);
INSERT INTO public.tree VALUES (3, NULL, 'top'), (1, 3, 'top.one'), (2, 1, 'top.one.two');
CREATE UNLOGGED TABLE public.cache (key text PRIMARY KEY, value bytea);
INSERT INTO public.cache VALUES ('a', '\x00ff5c0a');
CREATE TABLE public.of_type OF shop.money (PRIMARY KEY (currency), amount WITH OPTIONS DEFAULT 1);
INSERT INTO public.of_type VALUES (3.5, 'CHF');
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns DEFAULT VALUES;
CREATE TABLE "Odd Schema"."Table; DROP" ("Column "" one" integer DEFAULT 1 PRIMARY KEY, "select" text, U&"\00e9t\00e9" date DEFAULT '2024-02-29');
INSERT INTO "Odd Schema"."Table; DROP" VALUES (1, E'tab\tline\nend\\.', '0044-03-15 BC'), (2, NULL, 'infinity');
CREATE TABLE public.every_type (
  a boolean, b bytea, c "char", d name, e int8, f int2, g int4, h text, i oid, j tid, k xid8, l json, m jsonb, n point, o lseg, p path, q box,
  r polygon, s line, t cidr, u inet, v macaddr, w macaddr8, x money, y timestamptz, z timestamp, aa date, bb time, cc timetz, dd interval, ee bit(3),
  ff varbit, gg numeric, hh uuid, ii tsvector, jj tsquery, kk int4range, ll int8multirange, mm jsonpath, nn pg_lsn, oo txid_snapshot, pp regclass,
  qq float4, rr float8, ss circle, tt xml, uu cube, vv int4[][], ww refcursor);
INSERT INTO public.every_type VALUES (true, '\xdeadbeef', 'x', 'name', 9223372036854775807, -32768, 0, '', 4294967295, '(1,2)', '18446744073709551615',
  '{"a" : 1, "a":2}', '{"a": 1e400}', '(1,2)', '[(0,0),(1,1)]', '((0,0),(1,1))', '((1,1),(0,0))', '((0,0),(1,1),(1,0))', '{1,2,3}', '10.0.0.0/8', '::1',
  '08:00:2b:01:02:03', '08:00:2b:ff:fe:01:02:03', '12.34', 'infinity', '4713-01-01 00:00:00 BC', '5874897-12-31', '24:00:00', '23:59:59.999999-15:59',
  '-1 year 2 mons -3 days 04:05:06.789', '101', '0101010', 'NaN', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', $$'a b':1A,2 c$$, $$'a' & !b:*$$, 'empty', '{[1,3),[5,)}',
  '$.a[*] ? (@ > 1)', '16/B374D848', '10:20:10,14,15', 'shop.customers', '-0', '1e-300', '<(1,2),3>', 'just text', '(1,2),(3,4)', '[2:3][0:1]={{1,2},{3,NULL}}', 'cursor');
INSERT INTO public.every_type DEFAULT VALUES;

-- Views, and what is computed from them.
CREATE VIEW shop.big_orders WITH (security_barrier) AS SELECT id, placed, (price).amount FROM shop.orders WHERE (price).amount > 50 WITH LOCAL CHECK OPTION;
CREATE RECURSIVE VIEW shop.numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5;
CREATE MATERIALIZED VIEW shop.by_year AS SELECT extract(year FROM placed AT TIME ZONE 'UTC') AS year, count(*), sum((price).amount) AS total FROM shop.orders GROUP BY 1;
CREATE UNIQUE INDEX ON shop.by_year (year);
CREATE MATERIALIZED VIEW shop.best_year TABLESPACE pg_default AS SELECT * FROM shop.by_year ORDER BY total DESC LIMIT 1;
CREATE MATERIALIZED VIEW shop.above_all AS SELECT b.year, shop.longest(c.name) FROM shop.best_year b, shop.customers c GROUP BY 1;
CREATE MATERIALIZED VIEW shop.never_filled AS SELECT 1 AS one WITH NO DATA;
CREATE VIEW shop.names_and_states AS SELECT DISTINCT ON (c.id) c.*, o.state, rank() OVER w FROM shop.customers c LEFT JOIN shop.orders o ON o.customer = c.id
  WINDOW w AS (PARTITION BY o.state ORDER BY c.id) ORDER BY c.id, o.placed;
-- Two views that use each other: pg_dump breaks the circle.
CREATE VIEW shop.first_of_two AS SELECT 1 AS x;
CREATE VIEW shop.second_of_two AS SELECT x FROM shop.first_of_two;
CREATE OR REPLACE VIEW shop.first_of_two AS SELECT 1 AS x WHERE EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'none');
CREATE TABLE public.grouped (id integer PRIMARY KEY, name text);
CREATE VIEW public.needs_key AS SELECT id, name, count(*) FROM public.grouped GROUP BY id;

-- Rules, triggers, row security.
CREATE RULE keep_places AS ON DELETE TO shop.places WHERE OLD.height > 8000 DO INSTEAD NOTHING;
CREATE RULE to_orders AS ON INSERT TO shop.numbers DO INSTEAD INSERT INTO public.grouped VALUES (NEW.n, 'by rule; twice') RETURNING id;
CREATE TABLE public.audit (at timestamptz DEFAULT now(), what text);
CREATE FUNCTION public.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.audit (what) VALUES (TG_NAME || ' ' || TG_OP); RETURN coalesce(NEW, OLD); END $$;
CREATE TRIGGER each_row BEFORE INSERT OR UPDATE OF name ON public.grouped FOR EACH ROW WHEN (NEW.name <> '') EXECUTE FUNCTION public.note_change();
CREATE TRIGGER each_statement AFTER UPDATE ON public.grouped REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.note_change('an argument', E'\\x');
CREATE CONSTRAINT TRIGGER at_commit AFTER DELETE ON public.grouped DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.note_change();
CREATE TRIGGER on_parts AFTER INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION public.note_change();
ALTER TABLE shop.orders_2024 DISABLE TRIGGER on_parts;
ALTER TABLE public.grouped ENABLE ALWAYS TRIGGER each_row;
INSERT INTO public.grouped VALUES (1, 'a'), (2, '');
ALTER TABLE public.grouped ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON public.grouped AS PERMISSIVE FOR SELECT TO PUBLIC USING (id > 0);
CREATE POLICY writers ON public.grouped AS RESTRICTIVE FOR INSERT WITH CHECK (name <> 'forbidden');
ALTER TABLE public.tree REPLICA IDENTITY FULL;
