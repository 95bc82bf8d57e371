import { describe, expect, test } from 'vitest';
import type { Destination } from '../../shared/rehydration/destination.ts';
import { rehydrate } from '../../shared/rehydration/rehydrate.ts';
import { destinationContract } from '../contract/destination.ts';
import { redisServer } from './support/redis.ts';
import {
  bodies,
  fill,
  JOBS,
  jobs,
  NOTHING,
  newList,
  newQueue,
  type Place,
  range,
  sorted,
} from './support/rehydration.ts';
import { accessOf, never, newDatabase, run } from './support/servers.ts';

const places: [string, () => Promise<Place>][] = [
  ['a queue', () => newQueue(false)],
  ['a FIFO queue', () => newQueue(true)],
  ...(redisServer === null ? [] : [['a list of Redis', () => newList()] as [string, () => Promise<Place>]]),
];

for (const [name, newPlace] of places)
  destinationContract(name, async () => {
    const place = await newPlace();
    return { open: () => place.open(), arrived: async () => bodies(await place.take()) };
  });

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
    await run(database, "UPDATE jobs SET payload = 'changed'", "INSERT INTO jobs VALUES (4, 'job 4')");
    expect(await fill(place, database)).toMatchObject({ rows: 4, sent: 1, alreadySent: 3 });
    expect(sorted(bodies(await place.take()))).toEqual(['job 1', 'job 2', 'job 3', 'job 4']);
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
