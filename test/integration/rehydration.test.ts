import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/start-postgres';
import { freePort } from 'process-kit/free-port';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { projectFolder, workFolder } from '../../local/folders.ts';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { systemClock, type Timer } from '../../shared/clock/clock.ts';
import { DatabaseUnreachable } from '../../shared/database/postgres/connect.ts';
import { KEY_ATTRIBUTE } from '../../shared/delivery/outgoing-message.ts';
import { TargetMisconfigured } from '../../shared/delivery/target.ts';
import { LedgerUnavailable } from '../../shared/ledger/ledger.ts';
import { RehydrationInvalid } from '../../shared/rehydration/answer.ts';
import { type Destination, DestinationUnavailable } from '../../shared/rehydration/destination.ts';
import { openDestination } from '../../shared/rehydration/open-destination.ts';
import { idsBeside, redisDestination } from '../../shared/rehydration/redis-destination.ts';
import { parseRedisSecret } from '../../shared/rehydration/redis-secret.ts';
import {
  type Rehydrated,
  RehydrationIncomplete,
  type RehydrationRequest,
  rehydrate,
} from '../../shared/rehydration/rehydrate.ts';
import { LEASE_MS } from '../../shared/rehydration/sqs-destination.ts';
import { steppedClock } from '../unit/replay/stepped-clock.ts';
import { startLossyProxy } from './support/lossy-proxy.ts';
import { NO_REDIS, type Redis, redisServer, startRedis } from './support/redis.ts';
import { accessOf, aws, never, newDatabase, run, silent, unique, untilNot } from './support/servers.ts';
import { createJournalTable, createLedgerTable } from './support/tables.ts';

let dynamo: DynamoDBClient;
let secrets: SecretsManagerClient;
let sqs: SQSClient;
let account: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  account = { endpoint: aws.endpoint, region: aws.region, credentials };
  dynamo = dynamoClient(account);
  secrets = new SecretsManagerClient(account);
  sqs = new SQSClient(account);
  await createLedgerTable(dynamo, 'ledger');
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => {
  dynamo?.destroy();
  secrets?.destroy();
  sqs?.destroy();
});

/** A place for messages, and a way to look into it. */
interface Place {
  readonly rehydration: string;
  /** As each attempt opens it. */
  open(options?: { clock?: Timer; endpoint?: string }): Promise<Destination>;
  /** All that is there, in its order, and nothing afterwards. */
  take(): Promise<Taken[]>;
}

interface Taken {
  readonly body: string;
  readonly id?: string | undefined;
  readonly group?: string | undefined;
}

async function newQueue(fifo: boolean): Promise<Place & { readonly queue: string }> {
  const rehydration = `campaigns-${unique()}`;
  const queue = `${rehydration}${fifo ? '.fifo' : ''}`;
  const Attributes = fifo ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes }));
  return {
    rehydration,
    queue,
    open: ({ clock = systemClock, endpoint = aws.endpoint } = {}) =>
      openDestination(
        { queue },
        { rehydration, runId: 'run', owner: unique() },
        { secrets, dynamo, ledgerTable: 'ledger', clock, account: { ...account, endpoint } },
      ),
    async take() {
      const taken: Taken[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['MessageGroupId'],
          }),
        );
        if (Messages.length === 0) return taken;
        for (const { Body = '', MessageAttributes = {}, Attributes = {} } of Messages)
          taken.push({
            body: Body,
            id: MessageAttributes[KEY_ATTRIBUTE]?.StringValue,
            group: Attributes.MessageGroupId,
          });
        await sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
          }),
        );
      }
    },
  };
}

let redis: Redis;

async function newList(
  list = `jobs-${unique()}`,
  server = redis,
): Promise<Place & { readonly list: string }> {
  return {
    rehydration: 'campaigns',
    list,
    open: () => redisDestination(parseRedisSecret('redis', JSON.stringify({ url: server.url })), list),
    async take() {
      const bodies = (await server.command('LRANGE', list, '0', '-1')) as string[];
      await server.command('DEL', list);
      return bodies.map((body) => ({ body }));
    },
  };
}

/** A database whose table `jobs` has so many rows. */
async function jobs(count: number): Promise<Connection> {
  const database = await newDatabase();
  await run(
    database,
    'CREATE TABLE jobs (id int PRIMARY KEY, payload text)',
    `INSERT INTO jobs SELECT n, 'job ' || n FROM generate_series(1, ${count}) n`,
  );
  return database;
}

const JOBS = `SELECT id AS key, payload AS body, 'g' || id % 7 AS "group" FROM jobs ORDER BY id`;

async function fill(
  place: Place,
  database: Connection,
  {
    sql = JOBS,
    destination,
    ...difference
  }: Partial<RehydrationRequest> & { destination?: Destination } = {},
): Promise<Rehydrated> {
  const opened = destination ?? (await place.open());
  try {
    return await rehydrate(
      { destination: opened, progress: silent },
      {
        rehydration: place.rehydration,
        access: accessOf(database),
        sql,
        dryRun: false,
        signal: never,
        ...difference,
      },
    );
  } finally {
    await opened.close();
  }
}

const bodies = (taken: readonly Taken[]) => taken.map(({ body }) => body);
const sorted = (texts: readonly string[]) => [...texts].sort();
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const NOTHING = { sent: 0, alreadySent: 0, unknown: 0 };

const places: [string, () => Promise<Place>][] = [
  ['a queue', () => newQueue(false)],
  ['a FIFO queue', () => newQueue(true)],
  ...(redisServer === null ? [] : [['a list of Redis', () => newList()] as [string, () => Promise<Place>]]),
];

beforeAll(async () => {
  if (redisServer !== null) redis = await startRedis();
});
afterAll(() => redis?.stop());

describe.each(places)('%s', (_, newPlace) => {
  test('is given each row once, however often it is filled', async () => {
    const place = await newPlace();
    const database = await jobs(250);
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, sent: 250 });
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, alreadySent: 250 });
    expect(sorted(bodies(await place.take()))).toEqual(sorted(range(250).map((n) => `job ${n}`)));
  });

  test('is given what is new since then, and nothing again because it changed', async () => {
    const place = await newPlace();
    const database = await jobs(3);
    await fill(place, database);
    await place.take();
    await run(database, "UPDATE jobs SET payload = 'changed'", "INSERT INTO jobs VALUES (4, 'job 4')");
    expect(await fill(place, database)).toMatchObject({ rows: 4, sent: 1, alreadySent: 3 });
    expect(bodies(await place.take())).toEqual(['job 4']);
  });

  test('is given each row once by four that fill it at the same time', async () => {
    const place = await newPlace();
    const database = await jobs(300);
    const filled = await Promise.all(range(4).map(() => fill(place, database)));
    expect(filled.reduce((sum, { sent }) => sum + sent, 0)).toBe(300);
    expect(filled.reduce((sum, { alreadySent }) => sum + alreadySent, 0)).toBe(900);
    expect(await place.take()).toHaveLength(300);
  });

  test('gets every body as it is', async () => {
    const place = await newPlace();
    const database = await newDatabase();
    const texts = [
      'two\nlines\r\nand a\ttab',
      `'quoted' "twice" \\ $1 %s`,
      '😀 ñ 東京',
      '{"a": 1}',
      '{not json',
      ' ',
      'x'.repeat(200_000),
    ];
    await run(database, 'CREATE TABLE jobs (id int, payload text)');
    for (const [index, text] of texts.entries())
      await run(database, `INSERT INTO jobs VALUES (${10 + index}, '${text.replaceAll("'", "''")}')`);
    const sql = `SELECT id AS key, payload AS body, 'one' AS "group" FROM jobs`;
    expect(await fill(place, database, { sql })).toMatchObject({ sent: texts.length });
    expect(sorted(bodies(await place.take()))).toEqual(sorted(texts));
  });

  test('is given nothing by a dry run, which counts what it would be given', async () => {
    const place = await newPlace();
    const database = await jobs(250);
    expect(await fill(place, database, { dryRun: true })).toEqual({ ...NOTHING, rows: 250, sent: 250 });
    expect(await place.take()).toEqual([]);
    await fill(place, database);
    await run(database, "INSERT INTO jobs VALUES (251, 'job 251')");
    const would = { ...NOTHING, rows: 251, sent: 1, alreadySent: 250 };
    expect(await fill(place, database, { dryRun: true })).toEqual(would);
    expect(await fill(place, database)).toEqual(would);
  });

  test('is told how far it is', async () => {
    const place = await newPlace();
    const reports: unknown[] = [];
    const destination = await place.open();
    await rehydrate(
      { destination, progress: { report: (progress) => reports.push(progress), settled: async () => {} } },
      {
        rehydration: place.rehydration,
        access: accessOf(await jobs(150)),
        sql: JOBS,
        dryRun: false,
        signal: never,
      },
    );
    await destination.close();
    expect(reports).toMatchObject([
      { doing: 'sending messages', tasksDone: 100, tasksTotal: 150 },
      { tasksDone: 150, tasksTotal: 150 },
    ]);
  });

  test('is given no more once the signal fires', async () => {
    const place = await newPlace();
    const over = new AbortController();
    const destination = await place.open();
    const stopping: Destination = {
      ...destination,
      async put(messages, signal) {
        const puts = await destination.put(messages, signal);
        over.abort(new Error('the time is over'));
        return puts;
      },
    };
    const filling = fill(place, await jobs(250), { destination: stopping, signal: over.signal });
    await expect(filling).rejects.toThrow('the time is over');
    expect(await place.take()).toHaveLength(100);
  });
});

describe('what a query answers', () => {
  const row = (columns: string, from = '') => `SELECT ${columns} ${from}`;
  const GOOD = `SELECT 'k' || n AS key, 'body' AS body FROM generate_series(1, 200) n`;

  test.each([
    ['has no key', row("'x' AS id, 'b' AS body"), /no column "key" \(it has: id, body\)/],
    ['has no body', row("'x' AS key"), /no column "body" \(it has: key\)/],
    ['has two keys', row("1 AS key, 2 AS key, 'b' AS body"), /more than one column "key"/],
    [
      'has a null key at its end',
      `${GOOD} UNION ALL SELECT NULL, 'b'`,
      /row 201 of its answer: its "key" is null/,
    ],
    ['has an empty key', `${GOOD} UNION ALL SELECT '', 'b'`, /row 201 .* its "key" is empty/],
    ['has a key twice', `${GOOD} UNION ALL SELECT 'k17', 'other'`, /row 201 .* "key" is that of row 17: k17/],
    ['has a null body', `${GOOD} UNION ALL SELECT 'x', NULL`, /row 201 .* its "body" is null/],
    ['has an empty body', `${GOOD} UNION ALL SELECT 'x', ''`, /row 201 .* its "body" is empty/],
    [
      'has a body that is too long',
      `${GOOD} UNION ALL SELECT 'x', repeat('é', 131072)`,
      /row 201 .* have 262145 bytes, more than 262108/,
    ],
    [
      'has a body with a control character',
      `${GOOD} UNION ALL SELECT 'x', E'\\x01'`,
      /row 201 .* "body" has a control character/,
    ],
    ['has bytes', row("'x' AS key, '\\x00'::bytea AS body"), /"body" is a bytea/],
    ['is none: it does not parse', 'SELECT 1 FORM x', /syntax error at or near "x"/],
    ['is none: its table is missing', 'SELECT key, body FROM lost', /relation "lost" does not exist/],
    [
      'is none: it writes',
      `WITH gone AS (DELETE FROM kept RETURNING 1) SELECT 1 AS key, 'b' AS body`,
      /data-modifying statement must be at the top level/,
    ],
    ['is none: it calls what writes', "SELECT write() AS key, 'b' AS body", /read-only transaction/],
    ['is none: it is two', `${GOOD}; DELETE FROM kept`, /syntax error at or near ";"/],
    ['is none: it leaves the subquery', `${GOOD}) x; SELECT * FROM (SELECT 1`, /multiple commands/],
    ['is none: a value cannot be read', `${GOOD} UNION ALL SELECT (1/0)::text, ''`, /division by zero/],
  ])('is refused where it %s, and nothing is sent', async (_, sql, words) => {
    const place = await newQueue(false);
    const database = await newDatabase();
    await run(
      database,
      'CREATE TABLE kept (id int)',
      'INSERT INTO kept VALUES (1)',
      'CREATE FUNCTION write() RETURNS int LANGUAGE sql AS $$ DELETE FROM kept RETURNING 1 $$',
    );
    const filling = fill(place, database, { sql });
    await expect(filling).rejects.toThrow(RehydrationInvalid);
    await expect(filling).rejects.toThrow(words);
    expect(await place.take()).toEqual([]);
    expect(await ledgerRecords(place.rehydration)).toBe(0);
    expect(await run(database, 'SELECT FROM kept')).toHaveLength(1);
  });

  test.each([
    ['no group', "SELECT 'x' AS key, 'b' AS body", /no column "group"/],
    ['a null group', `SELECT 'x' AS key, 'b' AS body, NULL AS "group"`, /row 1 .* its "group" is null/],
    [
      'a group with a space',
      `SELECT 'x' AS key, 'b' AS body, 'a b' AS "group"`,
      /row 1 .* its "group" is none of SQS/,
    ],
    [
      'a group that is too long',
      `SELECT 'x' AS key, 'b' AS body, repeat('g', 129) AS "group"`,
      /row 1 .* its "group" is none of SQS/,
    ],
  ])('is refused for a FIFO queue where it has %s', async (_, sql, words) => {
    const place = await newQueue(true);
    const filling = fill(place, await newDatabase(), { sql });
    await expect(filling).rejects.toThrow(RehydrationInvalid);
    await expect(filling).rejects.toThrow(words);
    expect(await place.take()).toEqual([]);
  });

  test.each([
    ['a semicolon', `${GOOD} ;\n`],
    ['a comment', `${GOOD} -- all of them`],
    [
      'keys of another type',
      `SELECT n::bigint AS key, json_build_object('n', n) AS body FROM generate_series(1, 200) n`,
    ],
    [
      'keys that differ in case or in white space',
      `SELECT * FROM (VALUES ('a', 'b'), ('A', 'b'), ('a ', 'b')) AS v (key, body) UNION ALL
       SELECT n::text, 'b' FROM generate_series(1, 197) n`,
    ],
  ])('is taken with %s', async (_, sql) => {
    expect(await fill(await newQueue(false), await newDatabase(), { sql, dryRun: true })).toMatchObject({
      rows: 200,
    });
  });

  test('is asked for once: rows that differ each time are checked and sent as the same', async () => {
    const place = await newQueue(false);
    const sql = `SELECT gen_random_uuid() AS key, random()::text AS body FROM generate_series(1, 250)`;
    expect(await fill(place, await newDatabase(), { sql })).toMatchObject({ rows: 250, sent: 250 });
    const taken = await place.take();
    expect(new Set(taken.map(({ id }) => id)).size).toBe(250);
  });

  test('may be nothing', async () => {
    const sql = "SELECT 'x' AS key, 'b' AS body WHERE false";
    expect(await fill(await newQueue(false), await newDatabase(), { sql })).toEqual({ ...NOTHING, rows: 0 });
  });

  test('holds no snapshot of the source while it is sent', async () => {
    const place = await newQueue(false);
    const database = await jobs(150);
    const destination = await place.open();
    const snapshots: unknown[] = [];
    const looking: Destination = {
      ...destination,
      async put(messages, signal) {
        snapshots.push(
          ...(await run(
            database,
            "SELECT state, backend_xmin FROM pg_stat_activity WHERE application_name = 'lifeboat rehydration' AND datname = current_database()",
          )),
        );
        return destination.put(messages, signal);
      },
    };
    await fill(place, database, { destination: looking });
    expect(snapshots).toEqual([
      { state: 'idle', backend_xmin: null },
      { state: 'idle', backend_xmin: null },
    ]);
  });

  test('cannot be had from a database that is away, or that goes', async () => {
    const place = await newQueue(false);
    const database = await jobs(250);
    const away = fill(place, database, { access: { ...accessOf(database), port: 1 } });
    await expect(away).rejects.toThrow(DatabaseUnreachable);
    const destination = await place.open();
    const throwingOut: Destination = {
      ...destination,
      async put(messages, signal) {
        await run(
          database,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat rehydration' AND datname = current_database()",
        );
        return destination.put(messages, signal);
      },
    };
    await expect(fill(place, database, { destination: throwingOut })).rejects.toThrow(DatabaseUnreachable);
    expect(await fill(place, database)).toMatchObject({ sent: 150, alreadySent: 100 });
    await untilNot(database, "application_name = 'lifeboat rehydration'");
  });
});

async function ledgerRecords(scope: string): Promise<number> {
  const { Count = 0 } = await dynamo.send(
    new ScanCommand({
      TableName: 'ledger',
      FilterExpression: 'begins_with(#key, :scope)',
      ExpressionAttributeNames: { '#key': 'key' },
      ExpressionAttributeValues: { ':scope': { S: `rehydration:${scope}#` } },
    }),
  );
  return Count;
}

describe('a queue', () => {
  test('has messages that carry their id, which derives from plan and row', async () => {
    const place = await newQueue(false);
    await fill(place, await jobs(2));
    expect((await place.take()).map(({ id }) => id).sort()).toEqual([
      `${place.rehydration}#1`,
      `${place.rehydration}#2`,
    ]);
  });

  test('that is FIFO keeps the order of the rows in each group', async () => {
    const place = await newQueue(true);
    await fill(place, await jobs(60));
    const taken = await place.take();
    for (const group of new Set(taken.map(({ group }) => group))) {
      const numbers = taken.filter((one) => one.group === group).map(({ body }) => Number(body.slice(4)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    expect(taken).toHaveLength(60);
  });

  test('that is not there is named before a row is read', async () => {
    const ports = { secrets, dynamo, ledgerTable: 'ledger', clock: systemClock, account };
    const opening = openDestination(
      { queue: 'lost' },
      { rehydration: 'jobs', runId: 'run', owner: unique() },
      ports,
    );
    await expect(opening).rejects.toThrow(TargetMisconfigured);
    await expect(opening).rejects.toThrow('no queue "lost"');
  });

  test('whose answer is lost has messages twice at most where they are counted as unknown', async () => {
    const place = await newQueue(false);
    const proxy = await startLossyProxy(aws.endpoint);
    undo.push(() => proxy.stop());
    const destination = await place.open({ endpoint: proxy.endpoint });
    proxy.lose(3);
    const filled = await fill(place, await jobs(100), { destination });
    expect(filled).toMatchObject({ rows: 100, sent: 100 });
    expect(filled.unknown).toBeGreaterThan(0);
    const taken = bodies(await place.take());
    expect(new Set(taken).size).toBe(100);
    expect(taken).toHaveLength(100 + filled.unknown);
  });

  test('that is FIFO has none twice where an answer is lost: it knows the id', async () => {
    const place = await newQueue(true);
    const proxy = await startLossyProxy(aws.endpoint);
    undo.push(() => proxy.stop());
    const destination = await place.open({ endpoint: proxy.endpoint });
    proxy.lose(2);
    const filled = await fill(place, await jobs(50), { destination });
    expect(filled).toMatchObject({ rows: 50, sent: 50 });
    expect(filled.unknown).toBeGreaterThan(0);
    expect(await place.take()).toHaveLength(50);
  });

  test('that refuses for a moment is tried again; one that goes on is given the rest by the next attempt', async () => {
    const place = await newQueue(false);
    const database = await jobs(20);
    const fault = { status: 503, code: 'ServiceUnavailable', message: 'busy' } as const;
    const match = { service: 'sqs', action: 'sqs:SendMessage' };
    undo.push(aws.gateway.disturb({ match, fault, times: 2 }));
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 20, sent: 20 });
    await place.take();

    await run(database, 'UPDATE jobs SET id = id + 1000');
    const lift = aws.gateway.disturb({ match, fault });
    undo.push(lift);
    const refused = fill(place, database);
    await expect(refused).rejects.toThrow(RehydrationIncomplete);
    await expect(refused).rejects.toThrow(
      /could not send 20 of 20 rows \(0 sent, 0 sent before\).*sqs:SendMessage on queue .*ServiceUnavailable/,
    );
    expect(await place.take()).toEqual([]);
    lift();
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 20, sent: 20 });
  });

  test('is given nothing while the ledger is away', async () => {
    const place = await newQueue(false);
    const database = await jobs(20);
    undo.push(
      aws.gateway.disturb({
        match: { service: 'dynamodb' },
        fault: { status: 400, code: 'ProvisionedThroughputExceededException', message: 'slow down' },
      }),
    );
    await expect(fill(place, database)).rejects.toThrow(LedgerUnavailable);
    expect(await place.take()).toEqual([]);
  });

  const kill = async (place: Awaited<ReturnType<typeof newQueue>>, database: Connection, point: string) => {
    const order = {
      point,
      times: 2,
      access: accessOf(database),
      sql: JOBS,
      queue: place.queue,
      table: 'ledger',
      rehydration: place.rehydration,
    };
    const program = path.join(import.meta.dirname, 'support', 'rehydrate-until.ts');
    const child = spawn(process.execPath, [program, JSON.stringify(order)], {
      env: { ...process.env, ...aws.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      expect(await once(createInterface(child.stdout), 'line')).toEqual(['here']);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  };

  test.each([
    ['had claimed and sent nothing', 'claimed'],
    ['had sent and recorded nothing', 'sent'],
    ['had recorded', 'settled'],
  ])('that a killed attempt was filling is filled to the end: it %s', async (_, point) => {
    const place = await newQueue(false);
    const database = await jobs(250);
    await kill(place, database, point);
    // What the killed one held is waited for.
    const clock = steppedClock(new Date().toISOString());
    const filled = await fill(place, database, { destination: await place.open({ clock }) });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(LEASE_MS + 5_000);
    expect(filled.rows).toBe(250);
    expect(filled.sent + filled.alreadySent).toBe(250);
    const taken = bodies(await place.take());
    expect(new Set(taken).size).toBe(250);
    expect(taken.length - 250).toBeLessThanOrEqual(filled.unknown);
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, alreadySent: 250 });
  });
});

describe.skipIf(redisServer === null)(`a list of Redis${NO_REDIS}`, () => {
  test('has the rows in their order, behind what is there', async () => {
    const place = await newList();
    await redis.command('RPUSH', place.list, 'before');
    await fill(place, await jobs(250));
    expect(bodies(await place.take())).toEqual(['before', ...range(250).map((n) => `job ${n}`)]);
  });

  test('remembers ids beside it, for a time', async () => {
    const place = await newList();
    await fill(place, await jobs(3));
    const ids = idsBeside(place.list);
    expect(((await redis.command('SMEMBERS', ids)) as string[]).sort()).toEqual([
      'campaigns#1',
      'campaigns#2',
      'campaigns#3',
    ]);
    expect(Number(await redis.command('TTL', ids))).toBeGreaterThan(14 * 86_400);
  });

  test('is filled once where the server is killed in between and comes back with its data', async () => {
    const server = await startRedis();
    undo.push(() => server.stop());
    const place = await newList('jobs', server);
    const database = await jobs(250);
    const destination = await place.open();
    let calls = 0;
    const killing: Destination = {
      ...destination,
      async put(messages, signal) {
        if (++calls === 2) await server.kill();
        return destination.put(messages, signal);
      },
    };
    await expect(fill(place, database, { destination: killing })).rejects.toThrow(DestinationUnavailable);
    await expect(place.open()).rejects.toThrow(DestinationUnavailable);
    await server.start();
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, sent: 150, alreadySent: 100 });
    expect(bodies(await place.take())).toEqual(range(250).map((n) => `job ${n}`));
  });

  test('is filled again where the server lost it, and its ids with it', async () => {
    const place = await newList();
    const database = await jobs(10);
    await fill(place, database);
    await redis.command('FLUSHALL');
    expect(await fill(place, database)).toMatchObject({ sent: 10, alreadySent: 0 });
  });

  test('that is none is not written to, and nothing is remembered', async () => {
    const place = await newList();
    await redis.command('SET', place.list, 'a text');
    const filling = fill(place, await jobs(10));
    await expect(filling).rejects.toThrow(TargetMisconfigured);
    await expect(filling).rejects.toThrow(/WRONGTYPE/);
    expect(await redis.command('EXISTS', idsBeside(place.list))).toBe(0);
  });

  test('of a server that has no memory left is not half filled', async () => {
    const server = await startRedis({ maxmemory: '3mb', 'maxmemory-policy': 'noeviction' });
    undo.push(() => server.stop());
    const place = await newList('jobs', server);
    const database = await newDatabase();
    const sql = `SELECT n AS key, repeat('x', 20000) AS body FROM generate_series(1, 400) n`;
    await expect(fill(place, database, { sql })).rejects.toThrow(/OOM/);
    const pushed = Number(await server.command('LLEN', 'jobs'));
    expect(pushed).toBeGreaterThan(0);
    expect(await server.command('SCARD', idsBeside('jobs'))).toBe(pushed);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await fill(place, database, { sql })).toMatchObject({ sent: 400 - pushed, alreadySent: pushed });
  });

  test('is reached by TLS with a password that no error names', async () => {
    const authority = await createAuthority('a test');
    const password = 'p@ss:word/%';
    const server = await startRedis(
      { requirepass: password },
      { certificate: await authority.issueServer() },
    );
    undo.push(() => server.stop());
    const secret = { url: server.url, certificateAuthority: authority.certificate };
    const open = (difference: object) =>
      redisDestination(parseRedisSecret('redis', JSON.stringify({ ...secret, ...difference })), 'jobs');
    const place = { ...(await newList('jobs', server)), open: () => open({}) };
    expect(await fill(place, await jobs(3))).toMatchObject({ sent: 3 });

    const other = (await createAuthority('another')).certificate;
    const untrusted = open({ certificateAuthority: other });
    await expect(untrusted).rejects.toThrow(DestinationUnavailable);
    await expect(untrusted).rejects.toThrow(/signature|certificate/);
    const refused = open({ url: server.url.replace('p%40ss', 'wrong%40') });
    await expect(refused).rejects.toThrow(TargetMisconfigured);
    const words = await refused.catch((error) => `${error} ${error.cause} ${error.stack}`);
    expect(words).toContain('WRONGPASS');
    expect(words).not.toContain('wrong@');
  });

  test('is filled by the function as it is deployed, from the plan and its secrets', {
    timeout: 60_000,
  }, async () => {
    const folder = await mkdtemp(path.join(workFolder, 'bundled-'));
    undo.push(() => rm(folder, { recursive: true }));
    await bundle({ planPath: path.join(projectFolder, 'plans/mailblast.yml'), outFolder: folder });
    const server = await startRedis(
      {},
      { port: Number(new URL(aws.addresses['mailblast/redis'] ?? '').port) },
    );
    undo.push(() => server.stop());
    const { main } = aws.databases;
    if (!main) throw new Error('the plan has no database "main"');
    await run(
      main,
      'CREATE TABLE campaigns (id int, status text, created_at timestamptz)',
      `INSERT INTO campaigns VALUES (1, 'sending', '2026-10-02'), (2, 'scheduled', '2026-10-01'), (3, 'sent', '2026-10-03')`,
    );
    undo.push(() => run(main, 'DROP TABLE campaigns'));
    await createJournalTable(dynamo, 'journal');
    const environment = { ...aws.environment, LEDGER_TABLE: 'ledger', JOURNAL_TABLE: 'journal' };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    undo.push(() => vi.unstubAllEnvs());

    const { handler } = await import(path.join(folder, 'rehydrate-queue', 'index.mjs'));
    const call = (dryRun: boolean) =>
      handler(
        { runId: 'run', runStartedAt: '2026-10-05T02:00:00.000Z', rehydration: 'pending-campaigns', dryRun },
        { awsRequestId: unique(), functionName: 'rehydrate-queue', getRemainingTimeInMillis: () => 60_000 },
      );
    const once = { rows: 2, sent: 2, alreadySent: 0, unknown: 0 };
    expect(await call(true)).toMatchObject(once);
    expect(await call(false)).toMatchObject(once);
    expect(await call(false)).toMatchObject({ rows: 2, sent: 0, alreadySent: 2, unknown: 0 });
    expect(await server.command('LRANGE', 'email_queue', '0', '-1')).toEqual([
      '{"campaign_id" : 2, "status" : "scheduled"}',
      '{"campaign_id" : 1, "status" : "sending"}',
    ]);
  });

  test('lies on one node of a cluster with its ids', async () => {
    const server = await startRedis({
      'cluster-enabled': 'yes',
      'cluster-port': String(await freePort()),
    });
    undo.push(() => server.stop());
    await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const list of ['email_queue', '{mail}:queue', 'queue:{mail}'])
      expect(await fill(await newList(list, server), await jobs(3))).toMatchObject({ sent: 3 });
    await server.command('CLUSTER', 'DELSLOTSRANGE', '0', '16383');
  });
});
