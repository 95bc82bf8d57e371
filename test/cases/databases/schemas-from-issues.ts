/** A schema that broke a tool which dumps, splits or restores PostgreSQL, rewritten small. */
export interface ReportedSchema {
  /** Where it was reported, or the kind that no report stands for. */
  readonly from: string;
  readonly statements: readonly string[];
  /** Only a superuser may make it, here and on the scratch server. */
  readonly needsSuperuser?: true;
  /** The first major version that knows it; 14 if not given. */
  readonly since?: 15 | 16 | 17 | 18;
}

export const reportedSchemas: readonly ReportedSchema[] = [
  {
    from: 'xataio/pgstream#757: a view, and a view of it, grouped by a primary key',
    statements: [
      'CREATE TABLE grouped_t (id int PRIMARY KEY, label text)',
      'CREATE VIEW grouped_v AS SELECT id, label, count(*) AS n FROM grouped_t GROUP BY id',
      'CREATE VIEW grouped_w AS SELECT label, n FROM grouped_v',
      'CREATE MATERIALIZED VIEW grouped_m AS SELECT id, label FROM grouped_t GROUP BY id',
      'CREATE UNIQUE INDEX grouped_m_id ON grouped_m (id)',
      "COMMENT ON VIEW grouped_w IS 'of a view that is moved'",
    ],
  },
  {
    from: 'xataio/pgstream#908: materialized views over each other, with unique indexes',
    statements: [
      'CREATE TABLE z_base AS SELECT n AS id FROM generate_series(1, 100) n',
      'CREATE MATERIALIZED VIEW y_first AS SELECT id FROM z_base WHERE id % 2 = 0',
      'CREATE UNIQUE INDEX y_first_id ON y_first (id)',
      'CREATE MATERIALIZED VIEW a_second AS SELECT count(*) AS n FROM y_first',
      'CREATE MATERIALIZED VIEW b_third AS SELECT n FROM a_second',
      'CREATE UNIQUE INDEX b_third_n ON b_third (n)',
      'ALTER MATERIALIZED VIEW b_third CLUSTER ON b_third_n',
    ],
  },
  {
    from: 'dimitri/pgcopydb#489: an index whose condition casts to an enum outside the search path',
    statements: [
      'CREATE SCHEMA cabin',
      "CREATE TYPE cabin.job_state AS ENUM ('SCHEDULED', 'DONE')",
      'CREATE TABLE cabin.job (id int PRIMARY KEY, state cabin.job_state)',
      "CREATE INDEX job_ix_scheduled ON cabin.job (state) WHERE state = 'SCHEDULED'",
    ],
  },
  {
    from: 'dimitri/pgcopydb#694, #219: an extension in a schema of its own, used by a default',
    statements: [
      'CREATE SCHEMA extensions',
      'CREATE EXTENSION pgcrypto WITH SCHEMA extensions',
      'CREATE TABLE keyed (id text PRIMARY KEY DEFAULT extensions.gen_random_uuid())',
      "COMMENT ON EXTENSION pgcrypto IS 'ours'",
    ],
  },
  {
    from: 'dimitri/pgcopydb#220: a primary key that is called as an index of another schema is',
    statements: [
      'CREATE SCHEMA twin',
      'CREATE TABLE public.pair (id int CONSTRAINT pair_pkey PRIMARY KEY)',
      'CREATE TABLE twin.pair (id int, CONSTRAINT other UNIQUE (id))',
      'CREATE UNIQUE INDEX pair_pkey ON twin.pair (id)',
    ],
  },
  {
    from: 'supabase/cli#5020, #6587: names with "atomic", and CASE … END in an atomic body',
    statements: [
      'CREATE FUNCTION fn_atomic() RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END; $$',
      `CREATE FUNCTION cases(n int) RETURNS text LANGUAGE sql
       BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN 'END; --' ELSE 'x' END; SELECT CASE n WHEN 1 THEN 'a' END AS "end;"; END`,
      'CREATE TABLE logged (n int)',
      'CREATE PROCEDURE put(n int) LANGUAGE sql BEGIN ATOMIC INSERT INTO logged VALUES (n); INSERT INTO logged VALUES (n + 1); END',
    ],
  },
  {
    from: 'andialbrecht/sqlparse#307: a semicolon in dollar quotes in dollar quotes',
    statements: [
      'CREATE FUNCTION bug() RETURNS text LANGUAGE sql AS $func$ select $string$ Run: SELECT 123; $string$::text; $func$',
    ],
  },
  {
    from: 'pgadmin-org/pgadmin4#2867: names with dashes, semicolons, quotes and line breaks',
    statements: [
      'CREATE SCHEMA "HR-2019; DROP"',
      `CREATE TABLE "HR-2019; DROP"."a\n-- Name: b; Type: TABLE; Schema: c; Owner: -\n" ("x;""y" int, "(" text)`,
      `CREATE INDEX "i\n--" ON "HR-2019; DROP"."a\n-- Name: b; Type: TABLE; Schema: c; Owner: -\n" ("x;""y")`,
      `ALTER TABLE "HR-2019; DROP"."a\n-- Name: b; Type: TABLE; Schema: c; Owner: -\n" CLUSTER ON "i\n--"`,
    ],
  },
  {
    from: 'databasegit/dbgit#16: aggregates, overloaded, used by a view',
    statements: [
      `CREATE FUNCTION _group_concat(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1 || ', ', '') || $2 $$`,
      'CREATE AGGREGATE group_concat(text) (SFUNC = _group_concat, STYPE = text)',
      `CREATE FUNCTION _add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 0) + $2'`,
      'CREATE AGGREGATE group_concat(int) (SFUNC = _add, STYPE = int)',
      `CREATE FUNCTION kept(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2'`,
      'CREATE AGGREGATE kept_all(float8) (SFUNC = kept, STYPE = float8, PARALLEL = SAFE)',
      `CREATE VIEW concatenated AS SELECT group_concat(t) AS texts, group_concat(n) AS sum FROM (VALUES ('a', 1)) v (t, n)`,
    ],
  },
  {
    from: 'debate-map/app#189: a stored tsvector made by functions of the application, and text search of its own',
    statements: [
      'CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple)',
      'CREATE TEXT SEARCH CONFIGURATION ours (COPY = english)',
      'ALTER TEXT SEARCH CONFIGURATION ours ALTER MAPPING FOR asciiword WITH plain',
      `CREATE FUNCTION cleaned(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.lower($1) $$`,
      `CREATE TABLE searched (body text, found tsvector GENERATED ALWAYS AS (to_tsvector('public.ours'::regconfig, public.cleaned(body))) STORED)`,
      'CREATE INDEX searched_found ON searched USING gin (found)',
      "INSERT INTO searched (body) VALUES ('The Quick fox')",
    ],
  },
  {
    from: 'seattleflu/id3c#211: an index on a function of another schema that returns a domain array',
    statements: [
      'CREATE SCHEMA shop',
      'CREATE EXTENSION citext',
      `CREATE DOMAIN shop.code AS public.citext CHECK (VALUE ~ '^\\w+$') NOT NULL DEFAULT 'none'`,
      'ALTER DOMAIN shop.code ADD CONSTRAINT short CHECK (length(VALUE::text) < 10) NOT VALID',
      `CREATE FUNCTION shop.slices(public.citext) RETURNS public.citext[] LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY[$1, $1] $$`,
      'CREATE TABLE shop.identified (barcode public.citext, code shop.code)',
      'CREATE INDEX slices_idx ON shop.identified USING gin (shop.slices(barcode))',
      "INSERT INTO shop.identified VALUES ('AbC', 'X')",
    ],
  },
  {
    from: 'pg-uint/pg-uint128#2: a range over a type of the application, with operator class, operators and casts',
    needsSuperuser: true,
    statements: [
      'CREATE TYPE waiting',
      'CREATE TYPE odd AS (n int)',
      `CREATE FUNCTION odd_cmp(odd, odd) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.btint4cmp(($1).n, ($2).n) $$`,
      ...['<', '<=', '=', '>=', '>'].flatMap((sign, index) => [
        `CREATE FUNCTION odd_${index}(odd, odd) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT public.odd_cmp($1, $2) ${sign} 0 $$`,
        `CREATE OPERATOR ${sign} (FUNCTION = odd_${index}, LEFTARG = odd, RIGHTARG = odd)`,
      ]),
      'CREATE OPERATOR FAMILY odd_family USING btree',
      `CREATE OPERATOR CLASS odd_ops FOR TYPE odd USING btree FAMILY odd_family AS
       OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 odd_cmp(odd, odd)`,
      'CREATE TYPE odd_range AS RANGE (subtype = odd, subtype_opclass = odd_ops)',
      `CREATE FUNCTION odd_of(int) RETURNS odd LANGUAGE sql IMMUTABLE AS $$ SELECT ROW($1)::public.odd $$`,
      'CREATE CAST (int AS odd) WITH FUNCTION odd_of(int) AS ASSIGNMENT',
      "COMMENT ON OPERATOR CLASS odd_ops USING btree IS 'by number'",
      'CREATE TABLE odds (o odd, r odd_range)',
      'CREATE INDEX odds_o ON odds (o odd_ops)',
      'INSERT INTO odds VALUES (ROW(1), odd_range(ROW(1)::odd, ROW(3)::odd))',
    ],
  },
  {
    from: 'views that need each other through a rule: pg_dump breaks the loop',
    statements: [
      'CREATE TABLE looped_t (a int)',
      'CREATE VIEW looped_one AS SELECT a FROM looped_t',
      'CREATE VIEW looped_two AS SELECT a FROM looped_one',
      'CREATE OR REPLACE VIEW looped_one AS SELECT a FROM looped_t WHERE a > 0',
      'CREATE FUNCTION of_looped(looped_two) RETURNS int LANGUAGE sql AS $$ SELECT $1.a $$',
      'CREATE OR REPLACE VIEW looped_two AS SELECT a FROM looped_one',
      'CREATE RULE kept AS ON INSERT TO looped_two DO INSTEAD (INSERT INTO looped_t VALUES (NEW.a); INSERT INTO looped_t VALUES (NEW.a + 1))',
      'CREATE RULE deleted AS ON DELETE TO looped_two DO INSTEAD NOTHING',
    ],
  },
  {
    from: 'foreign keys in a circle, deferred, not valid, to partitions and to themselves',
    statements: [
      'CREATE TABLE left_side (id int PRIMARY KEY, other int)',
      'CREATE TABLE right_side (id int PRIMARY KEY, other int REFERENCES left_side DEFERRABLE INITIALLY DEFERRED)',
      'ALTER TABLE left_side ADD FOREIGN KEY (other) REFERENCES right_side ON DELETE SET NULL',
      'CREATE TABLE parted (k int, id int, PRIMARY KEY (k, id)) PARTITION BY LIST (k)',
      'CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)',
      'CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2)',
      'CREATE TABLE refers (k int, id int, FOREIGN KEY (k, id) REFERENCES parted) PARTITION BY LIST (k)',
      'CREATE TABLE refers_1 PARTITION OF refers FOR VALUES IN (1)',
      'CREATE TABLE refers_2 PARTITION OF refers DEFAULT',
      'ALTER TABLE parted_1 ADD CONSTRAINT leaf_only FOREIGN KEY (id) REFERENCES left_side NOT VALID',
      'INSERT INTO left_side SELECT n, NULL FROM generate_series(1, 50) n',
      'INSERT INTO parted SELECT 1 + n % 2, n FROM generate_series(1, 50) n',
      'INSERT INTO refers SELECT 1 + n % 2, n FROM generate_series(1, 50) n',
    ],
  },
  {
    from: 'keys with replica identity, clustering, included columns, statistics targets and storage parameters',
    statements: [
      'CREATE TABLE tuned (a int NOT NULL, b int NOT NULL, c text, CONSTRAINT tuned_key UNIQUE (a) INCLUDE (b) WITH (fillfactor = 70))',
      'CREATE UNIQUE INDEX tuned_b ON tuned (b)',
      'CREATE INDEX tuned_expr ON tuned ((a + b), lower(c)) WITH (deduplicate_items = off)',
      'ALTER INDEX tuned_expr ALTER COLUMN 1 SET STATISTICS 100',
      'ALTER INDEX tuned_expr ALTER COLUMN 2 SET STATISTICS 200',
      'ALTER TABLE tuned REPLICA IDENTITY USING INDEX tuned_key',
      'ALTER TABLE tuned CLUSTER ON tuned_b',
      'CREATE STATISTICS tuned_stats (dependencies) ON a, b FROM tuned',
      'ALTER STATISTICS tuned_stats SET STATISTICS 50',
      'ALTER TABLE tuned ALTER c SET STORAGE EXTERNAL, ALTER c SET (n_distinct = -0.5)',
      'CREATE TABLE whole_row (a int)',
      'ALTER TABLE whole_row REPLICA IDENTITY FULL',
      'INSERT INTO tuned SELECT n, -n, n::text FROM generate_series(1, 1000) n',
    ],
  },
  {
    from: 'identity and serial columns in every state, also of unlogged tables',
    statements: [
      'CREATE UNLOGGED TABLE unlogged_identity (id int GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "odd; seq" START 5), s serial)',
      'CREATE SEQUENCE handed_over AS smallint CYCLE',
      'CREATE TABLE owner_of (n int)',
      'ALTER SEQUENCE handed_over OWNED BY owner_of.n',
      "ALTER TABLE owner_of ALTER n SET DEFAULT nextval('handed_over')",
      'INSERT INTO unlogged_identity DEFAULT VALUES',
    ],
  },
  {
    from: 'exclusion, deferred and check constraints, also inherited, not inherited and not valid',
    statements: [
      'CREATE EXTENSION btree_gist',
      'CREATE TABLE rooms (room int, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0) DEFERRABLE)',
      'CREATE TABLE base (n int, CONSTRAINT positive CHECK (n > 0), CONSTRAINT own CHECK (n < 9) NO INHERIT)',
      'CREATE TABLE derived (m int) INHERITS (base)',
      'ALTER TABLE derived ADD CONSTRAINT later CHECK (m > 0) NOT VALID',
      'CREATE TABLE attached (m int, n int, CONSTRAINT positive CHECK (n > 0))',
      'ALTER TABLE attached INHERIT base',
      "COMMENT ON CONSTRAINT positive ON attached IS 'one; of -- many'",
      'CREATE TABLE grandchild (x int) INHERITS (derived, attached)',
    ],
  },
  {
    from: 'collations, case-insensitive and plain, used by columns, indexes and domains',
    statements: [
      `CREATE COLLATION plain_c FROM "C"`,
      'CREATE TABLE sorted (t text COLLATE plain_c, u text COLLATE "C")',
      'CREATE INDEX sorted_t ON sorted (t COLLATE "C" DESC NULLS LAST, u text_pattern_ops)',
      'CREATE DOMAIN sorted_text AS text COLLATE plain_c',
    ],
  },
  {
    from: 'foreign tables, servers and user mappings of several roles',
    needsSuperuser: true,
    statements: [
      'CREATE FOREIGN DATA WRAPPER nowhere',
      "CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'x')",
      "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (secret 'a''b')",
      'CREATE FOREIGN TABLE distant (a int) SERVER far',
      'CREATE TABLE near (a int)',
      'CREATE TRIGGER on_far BEFORE UPDATE ON near FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      'ALTER TABLE near DISABLE TRIGGER on_far',
    ],
  },
  {
    from: 'triggers of every kind, and their states on partitions',
    statements: [
      `CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      'CREATE TABLE watched (k int, v text) PARTITION BY LIST (k)',
      'CREATE TABLE watched_1 PARTITION OF watched FOR VALUES IN (1)',
      'CREATE TABLE watched_2 PARTITION OF watched DEFAULT',
      'CREATE TRIGGER each_row AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION noted()',
      'ALTER TABLE watched_1 DISABLE TRIGGER each_row',
      `CREATE CONSTRAINT TRIGGER late AFTER INSERT ON watched_2 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.v <> '; --') EXECUTE FUNCTION noted('a;b', 'c''d')`,
      'CREATE TRIGGER whole AFTER UPDATE ON watched_2 REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION noted()',
      'ALTER TABLE watched_2 ENABLE ALWAYS TRIGGER whole',
      'CREATE VIEW watched_v AS SELECT k FROM watched',
      'CREATE TRIGGER instead INSTEAD OF INSERT ON watched_v FOR EACH ROW EXECUTE FUNCTION noted()',
      "COMMENT ON TRIGGER late ON watched_2 IS E'line\\n-- Name: x; Type: TRIGGER; Schema: public; Owner: -'",
    ],
  },
  {
    from: 'policies that look at each other’s tables',
    statements: [
      'CREATE TABLE mutual_a (id int)',
      'CREATE TABLE mutual_b (id int)',
      'CREATE POLICY by_b ON mutual_a USING (id IN (SELECT id FROM mutual_b))',
      'CREATE POLICY by_a ON mutual_b AS RESTRICTIVE FOR SELECT TO PUBLIC USING (EXISTS (SELECT FROM mutual_a))',
      'ALTER TABLE mutual_a FORCE ROW LEVEL SECURITY',
    ],
  },
  {
    from: 'functions, indexes and checks of the row type of a table, and composites of it',
    statements: [
      'CREATE TABLE noded (id int, label text)',
      'CREATE FUNCTION labelled(noded) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1.label $$',
      'CREATE INDEX noded_whole ON noded (labelled(noded.*))',
      'ALTER TABLE noded ADD CHECK (labelled(noded.*) IS NOT NULL)',
      'CREATE TYPE pair_of AS (one noded, other noded[])',
      'CREATE FUNCTION of_nodes(noded, VARIADIC pair_of[]) RETURNS SETOF noded LANGUAGE sql AS $$ SELECT $1 $$',
    ],
  },
  {
    from: 'NULLS NOT DISTINCT, security invoker views and generated expressions',
    since: 15,
    statements: [
      'CREATE TABLE strict_nulls (a int, b int GENERATED ALWAYS AS (a * 2) STORED, UNIQUE NULLS NOT DISTINCT (a))',
      'CREATE VIEW invoked WITH (security_invoker = true, security_barrier) AS SELECT a FROM strict_nulls WHERE a > 0 WITH LOCAL CHECK OPTION',
    ],
  },
  {
    from: 'keys without overlaps, not-null constraints with names, not enforced foreign keys, virtual columns',
    since: 18,
    statements: [
      'CREATE EXTENSION IF NOT EXISTS btree_gist',
      'CREATE TABLE timed (id int, valid daterange, CONSTRAINT timed_key PRIMARY KEY (id, valid WITHOUT OVERLAPS))',
      'CREATE TABLE within (id int, valid daterange, FOREIGN KEY (id, PERIOD valid) REFERENCES timed (id, PERIOD valid))',
      'CREATE TABLE loose (id int CONSTRAINT must NOT NULL, r int, v int GENERATED ALWAYS AS (id + 1) VIRTUAL)',
      'ALTER TABLE loose ADD CONSTRAINT later NOT NULL r NOT VALID',
      'CREATE TABLE aim (id int PRIMARY KEY)',
      'ALTER TABLE loose ADD CONSTRAINT unproven FOREIGN KEY (r) REFERENCES aim NOT ENFORCED',
    ],
  },
];
