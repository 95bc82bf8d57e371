import { majors } from 'local-postgres/release';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeContent } from '../databases/native-content.ts';
import { nativeTools } from '../databases/native-tools.ts';
import { databasesOfOthers, type EmptyDatabase } from '../databases/of-others/of-others.ts';
import { loadRich } from '../databases/rich/rich.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { holdTeardown } from './hold-teardown.ts';
import { openStage, type Stage, type Wanted } from './stage.ts';

/** The same schema on every version, as far as the version goes, and databases of others on some of them. */
const wanted = [
  ...majors.map((major) => ({
    name: `rich${major}`,
    major,
    load: ({ owner }: EmptyDatabase) => loadRich(owner, major),
  })),
  { name: 'message-store', major: 14, load: databasesOfOthers.message_store },
  { name: 'film-rental', major: 15, load: databasesOfOthers.film_rental },
  { name: 'job-queue', major: 18, load: databasesOfOthers.job_queue },
  { name: 'metaschema', major: 16, load: databasesOfOthers.metaschema },
] as const satisfies (Wanted & { load: unknown })[];

let stage: Stage;

beforeAll(async () => {
  stage = await openStage(wanted);
}, 240_000);

afterAll(() => stage?.stop());

test.each(wanted)(
  'lifeboat backup and restore-test of $name on PostgreSQL $major',
  async ({ name, major, load }) => {
    const owner = stage.databases.get(name);
    const pair = stage.servers.get(major);
    if (!owner || !pair) throw new Error(`the stage lacks ${name}`);
    const tools = await nativeTools(major);
    const superuser = pair.source.superuser(name);
    await load({ owner, superuser, tools });
    await stage.beat(name);

    const backup = await stage.lifeboat('backup', '--database', name);
    expect(backup, backup.stderr).toMatchObject({ code: 0, printed: { evidence: { outcome: 'taken' } } });

    const over = new AbortController();
    const held = holdTeardown(
      pair.scratch,
      (copy) => nativeContent(tools, pair.scratch.superuser(copy)),
      over.signal,
    ).catch((error: unknown) => ({ error }));
    const restoreTest = await stage.lifeboat('restore-test', '--test', name);
    over.abort();
    expect(restoreTest, restoreTest.stderr).toMatchObject({
      code: 0,
      printed: { evidence: { outcome: 'verified' } },
    });
    expect(await held).toEqual(await nativeContent(tools, superuser));
  },
  120_000,
);

test('the status of them all fits its published schema', async () => {
  const { code, printed, stderr } = await stage.lifeboat('status');
  expect({ code, mistakes: mistakesIn('status', printed) }, stderr).toEqual({ code: 0, mistakes: [] });
  expect(printed.losses).toHaveLength(wanted.length);
  expect(printed.losses).toContainEqual(
    expect.objectContaining({ database: 'rich18', met: true, newestVerified: expect.anything() }),
  );
  expect(printed.verified).toContainEqual(
    expect.objectContaining({ restoreTest: 'rich18', evidence: expect.anything() }),
  );
});
