import { describe, expect, test } from 'vitest';
import { PartUnknown } from '../../../shared/database/schema-part.ts';
import { type BackUpAndRestore, runEach, useServers } from '../databases/servers.ts';

const servers = useServers({ whole: true });

const shop = [
  'CREATE SCHEMA sales',
  "CREATE TYPE sales.state AS ENUM ('new', 'paid')",
  "CREATE DOMAIN sales.email AS text CHECK (VALUE LIKE '%@%')",
  "CREATE FUNCTION sales.normal(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)'",
  'CREATE SEQUENCE sales.numbers START 500',
  'CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)',
  `CREATE TABLE sales.orders (
     id bigserial PRIMARY KEY, number int DEFAULT nextval('sales.numbers') UNIQUE,
     customer int REFERENCES customers, state sales.state, mail sales.email, key text
       GENERATED ALWAYS AS (sales.normal(mail)) STORED)`,
  'CREATE TABLE sales.lines (order_id bigint REFERENCES sales.orders, n int)',
  'CREATE INDEX orders_by_mail ON sales.orders (sales.normal(mail))',
  "CREATE FUNCTION sales.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
  'CREATE TRIGGER stamped BEFORE INSERT ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.stamp()',
  "COMMENT ON TABLE sales.orders IS 'what was bought'",
  'CREATE VIEW sales.paid AS SELECT o.id, c.name FROM sales.orders o JOIN customers c ON c.id = o.customer',
  "INSERT INTO customers (name) VALUES ('Ada'), ('Bob')",
  "INSERT INTO sales.orders (customer, state, mail) SELECT n % 2 + 1, 'paid', 'A' || n || '@x' FROM generate_series(1, 50) n",
  'INSERT INTO sales.lines SELECT id, 1 FROM sales.orders',
];

const TABLES = `SELECT relname::text AS name FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p')
  AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') AND relnamespace::regnamespace::text NOT LIKE 'pg_toast%' ORDER BY 1`;

/** Restores a part and returns its tables, and the answer of a query after the validation. */
async function restored(
  statements: readonly string[],
  only: readonly string[],
  ask: readonly string[] = [],
  plan: Pick<BackUpAndRestore, 'afterRestore' | 'checks'> = {},
) {
  let tables: string[] = [];
  let answer: unknown[] = [];
  const outcome = await servers.backUpAndRestore({
    statements,
    only,
    ...plan,
    use: async (copy) => {
      tables = (await runEach<{ name: string }>(copy, [TABLES])).map(({ name }) => name);
      answer = await runEach(copy, ask);
    },
  });
  return { ...outcome, tables, answer };
}

const good = { verdict: 'verified', failed: [], error: null };
const count = (table: string) => [`SELECT count(*)::int AS n FROM ${table}`];

/** What `pg_restore --table` loses or breaks, as its issues and those of its wrappers tell. */
describe('one table', () => {
  test('comes with its types, functions, sequences, keys and triggers, and without what needs other tables', async () => {
    const outcome = await restored(
      shop,
      ['sales.orders'],
      ["INSERT INTO sales.orders (state, mail) VALUES ('new', 'N@x') RETURNING id::int, number, key"],
    );
    expect(outcome).toMatchObject(good);
    expect(outcome.tables).toEqual(['orders']);
    expect(outcome.answer).toEqual([{ id: 51, number: 550, key: 'n@x' }]);
    const absent = 'FK CONSTRAINT sales.orders orders_customer_fkey, because it needs TABLE public.customers';
    expect(outcome.notices).toEqual([`left out: ${absent}`]);
    expect(outcome.leftOut).toContain(absent);
    expect(outcome.leftOut).toContain('everything that was not asked for');
  });

  test('comes with the foreign keys to tables that were asked for too, and to itself', async () => {
    const outcome = await restored(
      [
        'CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree)',
        'INSERT INTO tree VALUES (1, 1)',
        ...shop,
      ],
      ['sales.orders', 'public.customers', 'public.tree'],
      ["SELECT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' ORDER BY 1"],
    );
    expect(outcome).toMatchObject({ ...good, notices: [] });
    expect(outcome.answer).toEqual([{ name: 'sales.orders' }, { name: 'tree' }]);
  });

  test('keeps the position of its identity', async () => {
    const outcome = await restored(
      shop,
      ['public.customers'],
      ["INSERT INTO customers (name) VALUES ('Cy') RETURNING id"],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ id: 3 }] });
  });

  test('takes a sequence that another table owns, and says that nothing owns it now', async () => {
    const outcome = await restored(
      [
        'CREATE TABLE first (id serial)',
        "CREATE TABLE second (id int DEFAULT nextval('first_id_seq'))",
        'INSERT INTO second SELECT FROM generate_series(1, 7)',
      ],
      ['public.second'],
      ['INSERT INTO second DEFAULT VALUES RETURNING id'],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ id: 8 }], tables: ['second'] });
    expect(outcome.notices).toEqual([
      'left out: SEQUENCE OWNED BY public.first_id_seq, because it needs TABLE public.first',
    ]);
  });

  test('keeps policies, statistics, rules, cluster and replica identity', async () => {
    const outcome = await restored(
      [
        'CREATE TABLE other (n int)',
        'CREATE TABLE t (id int NOT NULL, a int, b int)',
        'CREATE UNIQUE INDEX t_id ON t (id)',
        'ALTER TABLE t REPLICA IDENTITY USING INDEX t_id',
        'ALTER TABLE t CLUSTER ON t_id',
        'CREATE STATISTICS t_stats ON a, b FROM t',
        'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
        'CREATE POLICY own ON t USING (a > 0)',
        'CREATE POLICY others ON t USING (a IN (SELECT n FROM other))',
        'CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING',
        'INSERT INTO t VALUES (1, 2, 3)',
      ],
      ['public.t'],
      ["SELECT polname::text AS name FROM pg_policy WHERE polrelid = 't'::regclass"],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ name: 'own' }] });
    expect(outcome.notices).toEqual([
      'left out: POLICY public.t others, because it needs TABLE public.other',
    ]);
  });

  test('has only the extensions that it needs', async () => {
    const outcome = await restored(
      [
        'CREATE EXTENSION citext',
        'CREATE EXTENSION pg_trgm',
        'CREATE EXTENSION hstore',
        'CREATE TABLE people (name citext)',
        'CREATE INDEX ON people USING gin ((name::text) gin_trgm_ops)',
        'CREATE TABLE bags (h hstore)',
        "INSERT INTO people VALUES ('Ada')",
      ],
      ['public.people'],
      ["SELECT extname::text AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ name: 'citext' }, { name: 'pg_trgm' }] });
  });

  test('says that large objects stay behind', async () => {
    const outcome = await restored(
      [
        'CREATE TABLE files (name text, content oid)',
        "INSERT INTO files VALUES ('a', lo_from_bytea(0, 'abc'))",
      ],
      ['public.files'],
    );
    expect(outcome).toMatchObject(good);
    expect(outcome.notices).toEqual(['left out: large objects, which belong to no table']);
  });

  test('whose check reads a table that is not there proves nothing about the backup', async () => {
    const outcome = await restored(
      [
        'CREATE TABLE allowed (n int)',
        "CREATE FUNCTION is_allowed(v int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN v IN (SELECT n FROM public.allowed); END'",
        'CREATE TABLE t (n int CHECK (is_allowed(n)))',
        'INSERT INTO allowed VALUES (1)',
        'INSERT INTO t VALUES (1)',
      ],
      ['public.t'],
    );
    expect(outcome.verdict).toBe('not-proven');
    expect(outcome.reason).toContain('public.allowed');
  });
});

describe('partitions and heirs', () => {
  const byEnum = [
    "CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'grey')",
    'CREATE TABLE events (c colour, at date, id serial) PARTITION BY RANGE (at)',
    "CREATE TABLE events_25 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "CREATE TABLE events_26 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (c)",
    'CREATE TABLE events_26_0 PARTITION OF events_26 FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
    'CREATE TABLE events_26_1 PARTITION OF events_26 FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
    'CREATE INDEX ON events (at)',
    'ALTER TABLE events ADD PRIMARY KEY (id, at, c)',
    "INSERT INTO events SELECT (enum_range(NULL::colour))[n % 4 + 1], date '2025-06-01' + n FROM generate_series(1, 400) n",
  ];
  const of26 = `count(*) FILTER (WHERE at >= '2026-01-01')`;

  test('a partitioned table comes with all of its partitions', async () => {
    const outcome = await restored(byEnum, ['public.events'], count('events'));
    expect(outcome).toMatchObject({ ...good, notices: [], answer: [{ n: 400 }] });
    expect(outcome.tables).toEqual(['events', 'events_25', 'events_26', 'events_26_0', 'events_26_1']);
  });

  test('a partition that is partitioned itself comes with its own, below nothing', async () => {
    const outcome = await restored(
      byEnum,
      ['public.events_26'],
      [`SELECT ${of26} = count(*) AS all FROM events_26`],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ all: true }] });
    expect(outcome.tables).toEqual(['events_26', 'events_26_0', 'events_26_1']);
    expect(outcome.notices).toContain(
      'left out: TABLE ATTACH public.events_26, because it needs TABLE public.events',
    );
  });

  test('one partition of a hash comes as a table of its own', async () => {
    const outcome = await restored(byEnum, ['public.events_26_1']);
    expect(outcome).toMatchObject({ ...good, tables: ['events_26_1'] });
  });

  const heirs = [
    'CREATE TABLE parents (id int)',
    'CREATE TABLE children (name text) INHERITS (parents)',
    "INSERT INTO children VALUES (1, 'Ada')",
    'INSERT INTO parents VALUES (2)',
  ];

  test('a table that inherits comes with its parents', async () => {
    const outcome = await restored(heirs, ['public.children'], count('parents'));
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 2 }] });
    expect(outcome.notices).toEqual([
      'also restored: TABLE public.parents, because TABLE public.children needs it',
    ]);
  });

  test('a parent comes without its heirs, and says so', async () => {
    const outcome = await restored(heirs, ['public.parents'], count('parents'));
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 1 }] });
    expect(outcome.notices).toEqual([
      'left out: TABLE public.children, which inherits from TABLE public.parents',
    ]);
  });
});

describe('views and schemas', () => {
  test('a view comes with the tables that it reads', async () => {
    const outcome = await restored(shop, ['sales.paid'], count('sales.paid'));
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 50 }], tables: ['customers', 'orders', 'paid'] });
    expect(outcome.notices.map((each) => each.split(',')[0])).toEqual([
      'also restored: TABLE public.customers',
      'also restored: TABLE sales.orders',
    ]);
  });

  test('a materialized view is filled', async () => {
    const outcome = await restored(
      [
        ...shop,
        'CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM sales.lines',
        'CREATE UNIQUE INDEX ON counted (n)',
      ],
      ['public.counted'],
      ['SELECT n::int FROM counted'],
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 50 }] });
  });

  test('a schema comes without what needs tables of others', async () => {
    const outcome = await restored(
      [
        ...shop,
        'CREATE VIEW sales.ids AS SELECT id FROM sales.orders',
        'CREATE VIEW sales.names AS SELECT name FROM sales.paid',
      ],
      ['sales'],
      count('sales.ids'),
    );
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 50 }], tables: ['ids', 'lines', 'orders'] });
    expect(outcome.notices).toEqual([
      'left out: VIEW sales.paid, because it needs TABLE public.customers',
      'left out: VIEW sales.names, because it needs TABLE public.customers',
      'left out: FK CONSTRAINT sales.orders orders_customer_fkey, because it needs TABLE public.customers',
    ]);
  });

  test('names with dots, quotes and capitals are taken as they are stored', async () => {
    const outcome = await restored(
      [
        'CREATE SCHEMA "My.Schema"',
        'CREATE TABLE "My.Schema"."a ""b"" c" (n int)',
        'CREATE TABLE "Users" (n int)',
      ],
      ['"My.Schema"."a ""b"" c"', 'public.Users'],
    );
    expect(outcome).toMatchObject({ ...good, tables: ['Users', 'a "b" c'] });
  });

  test('a name that is not there is refused before anything is loaded', async () => {
    const { error } = await restored(shop, ['public.orders']);
    expect(error).toBeInstanceOf(PartUnknown);
    expect(String(error)).toContain('did you mean sales.orders?');
  });
});

describe('what the plan says of the whole database', () => {
  test('is asked and run where it is about the part, and else left out', async () => {
    const outcome = await restored(shop, ['sales.orders'], count('sales.orders'), {
      afterRestore: [
        'DELETE FROM sales.orders WHERE id = 1',
        'UPDATE customers SET name = NULL',
        'SELECT cron.nothing()',
      ],
      checks: [
        { name: 'orders', sql: 'SELECT count(*) FROM sales.orders', expect: { equals: 49 } },
        { name: 'customers', sql: 'SELECT count(*) FROM customers', expect: { atLeast: 1 } },
      ],
    });
    expect(outcome).toMatchObject({ ...good, answer: [{ n: 49 }] });
    expect(outcome.leftOut).toEqual(
      expect.arrayContaining([
        'customers',
        'the statement after the restore: UPDATE customers SET name = NULL',
      ]),
    );
  });

  test('fails where a question about the part fails', async () => {
    const checks = [{ name: 'orders', sql: 'SELECT count(*) FROM sales.orders', expect: { equals: 0 } }];
    expect(await restored(shop, ['sales.orders'], [], { checks })).toMatchObject({ verdict: 'rejected' });
  });

  test('does not excuse a statement that fails for another reason', async () => {
    const afterRestore = ['UPDATE sales.orders SET number = 1'];
    const { error } = await restored(shop, ['sales.orders'], [], { afterRestore });
    expect(error).toMatchObject({ name: 'DatabaseRefused' });
  });
});
