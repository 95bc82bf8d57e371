import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSample } from '../../local/sample/load-sample.ts';
import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import { CopyCompared } from '../../shared/handover/step-answers.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { restoredOn, turn } from './support/restored.ts';
import { differingRows } from './support/row-comparison.ts';

let stack: Deployed;
let on: ReturnType<typeof restoredOn>;
let first: string;
let second: string;
let betweenThem: string;

beforeAll(async () => {
  stack = await deploy({ plan: 'plans/mailblast.yml', waitScale: 0.06 });
  on = restoredOn(stack);
  await stack.onSource(async (client) => {
    await loadSample(client, 'mailblast', { scale: 0.002 });
    await prepareHeartbeat(client);
  });
  first = await takeBackup({ label: 'before-the-change' });
  betweenThem = new Date(Date.now() + 1000).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await stack.onSource((client) => client.query(`UPDATE contacts SET last_name = 'changed' WHERE id = 1`));
  second = await takeBackup();
});

afterAll(() => stack?.aws.stop());

async function takeBackup(input = {}): Promise<string> {
  await stack.onSource((client) => beat(client, 'mailblast', new Date()));
  const { runId } = await stack.run('backup', input);
  return (await stack.evidence('backup', runId)).recoveryPoint ?? '';
}

const compared = async (copy: string) =>
  CopyCompared.parse(await stack.invoke('compare-copy', { restore: 'production', copy }));

describe('a restore that stays', () => {
  test('takes the newest from before a time, and the newest verified one where it is not told otherwise', async () => {
    const byTime = await on.restore({ into: 'restored_by_time', choose: 'newest', at: betweenThem });
    expect(byTime).toMatchObject({ status: 'SUCCEEDED' });
    expect((await stack.evidence('restore', byTime.runId)).recoveryPoint).toBe(first);
    const unverified = await on.restore({ into: 'never', at: '2026-01-01T00:00:00Z' });
    expect(unverified).toMatchObject({ error: 'CopyNotProven' });
    expect(unverified.cause).toContain('younger than 2026-01-01');
    // The restore above verified the first one, and nothing verified the second one.
    const newest = await on.restore({ into: 'restored_newest' });
    expect((await stack.evidence('restore', newest.runId)).recoveryPoint).toBe(first);
  });

  test('of a label takes what a person gave it to, and names what there is instead of another', async () => {
    const byLabel = await on.restore({ into: 'restored_by_label', label: 'before-the-change' });
    const { recoveryPoint, steps } = await stack.evidence('restore', byLabel.runId);
    expect({ ...byLabel, recoveryPoint, chosen: steps.choose?.labelled }).toMatchObject({
      status: 'SUCCEEDED',
      recoveryPoint: first,
      chosen: { label: 'before-the-change', points: 1 },
    });
    const unknown = await on.restore({ into: 'never', label: 'before-the-chnage' });
    expect(unknown.cause).toContain('has the label "before-the-chnage"; there is: "before-the-change"');
  });

  test('is compared with its live source, in which people went on working', async () => {
    expect(await on.restore({ into: 'to_compare', choose: first })).toMatchObject({ status: 'SUCCEEDED' });
    const { tables, next } = await compared('to_compare');
    expect(next).toBeNull();
    // What was written between the two backups.
    expect(tables.filter(({ outcome }) => outcome !== 'same')).toMatchObject([
      { table: 'public.contacts', outcome: 'differs', lacking: 0, extra: 0, changed: 1 },
    ]);
  });

  test('of one table brings that alone, with a right to nothing else, and verifies no recovery point', async () => {
    const finished = await on.restore({ into: 'one_table', choose: second, only: ['public.campaigns'] });
    expect(finished).toMatchObject({ status: 'SUCCEEDED' });
    const { steps, recoveryPoint } = await stack.evidence('restore', finished.runId);
    expect(steps.handOver?.validated?.only).toEqual(['public.campaigns']);
    const known = await stack.journal.recoveryPoints({ database: 'main', backup: 'full' }, 10);
    expect(known.find((each) => each.recoveryPoint === recoveryPoint)?.verified ?? null).toBeNull();
    const { access } = await on.secretOf(steps.handOver?.secret ?? '');
    const { rows } = await on.asLogin(access, (client) =>
      client.query("SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"),
    );
    expect(rows).toEqual([{ name: 'campaigns' }]);
    const { tables } = await compared('one_table');
    expect(tables).toMatchObject([{ table: 'public.campaigns', outcome: 'same', lacking: 0 }]);
    const refused = await on.restore({ into: 'never', choose: second, only: ['public.campaign'] });
    expect(refused).toMatchObject({ error: 'RestoreRefused' });
    expect(refused.cause).toContain('PartUnknown');
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('hands nothing over of a recovery point of which one stored bit has turned', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObjectVersion', path: '/rows/0/' },
      fault: { flipByteAt: 4_000 },
    });
    const finished = await on.restore({ into: 'damaged', choose: second });
    lift();
    expect(finished).toMatchObject({ status: 'FAILED', error: 'CopyRejected' });
    expect(await stack.evidence('restore', finished.runId)).toMatchObject({
      outcome: 'rejected',
      failure: { error: 'RecoveryPointDamaged' },
      leftBehind: null,
    });
    expect(await on.namesLike('damaged')).toEqual([]);
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('keeps a rejected copy to look at, and the sweeper drops it past its expiry', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObject', path: '/manifests/' },
      fault: { delayMs: 1_000 },
    });
    const { executionArn, runId } = await stack.start('restore', {
      restore: 'production',
      into: 'emptied',
      choose: second,
    });
    await on.entered(executionArn, 'Validate the restored database');
    const [copy = ''] = await stack.scratchDatabases();
    await stack.onScratchServer((client) => client.query('TRUNCATE contacts CASCADE'), copy);
    const { error } = await stack.ended(executionArn);
    lift();
    expect(error).toBe('CopyRejected');
    const evidence = await stack.evidence('restore', runId);
    expect(evidence.reason).toContain('public.contacts');
    expect(evidence.steps).not.toHaveProperty('handOver');
    expect(await on.namesLike('emptied')).toEqual([]);
    expect(await stack.scratchDatabases()).toEqual([copy]);
    expect(await stack.invoke('sweep-scratch', { restore: 'production' })).toMatchObject({ kept: [copy] });
    await stack.onScratchServer((client) =>
      client.query(
        `DO $$ BEGIN EXECUTE pg_catalog.format('COMMENT ON ROLE %1$I IS %2$L; COMMENT ON DATABASE %1$I IS %2$L', '${copy}',
             pg_catalog.replace(pg_catalog.shobj_description('${copy}'::regrole, 'pg_authid'), '"expiresAt":"2', '"expiresAt":"1')); END $$`,
      ),
    );
    expect(await stack.invoke('sweep-scratch', { restore: 'production' })).toMatchObject({
      dropped: [copy],
    });
    expect(await on.namesLike('lifeboat_scratch')).toEqual([]);
  });

  test('is completed by the next attempt where its secret could not be written after it had its name', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 'secretsmanager:CreateSecret' },
      fault: { status: 500, code: 'InternalServiceError', message: 'try again' },
    });
    const { executionArn, runId } = await stack.start('restore', {
      restore: 'production',
      into: 'interrupted',
      choose: second,
    });
    while ((await on.namesLike('interrupted')).length === 0) await turn();
    lift();
    expect(await stack.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    const { steps } = await stack.evidence('restore', runId);
    const { access } = await on.secretOf(steps.handOver?.secret ?? '');
    await on.asLogin(access, (client) => client.query('SELECT FROM contacts'));
  });

  test('started twice at once with one input gives one database', async () => {
    const [one, other] = await Promise.all([
      on.restore({ into: 'restored_twice', choose: second }),
      on.restore({ into: 'restored_twice', choose: second }),
    ]);
    const ends = [one, other].map(({ status, error }) => error ?? status).sort();
    expect(ends).toEqual([expect.stringMatching(/CopyNotHandedOver|RestoreRefused/), 'SUCCEEDED']);
    const compared = await stack.onSource((source) =>
      stack.onScratchServer((copy) => differingRows(source, copy), 'restored_twice'),
    );
    expect(compared.differing).toEqual([]);
    // Whichever came second keeps its verified copy to look at; its login goes with it.
    await stack.onScratchServer(async (client) => {
      for (const name of await stack.scratchDatabases())
        await client.query(`DROP DATABASE "${name}"`).then(() => client.query(`DROP ROLE "${name}"`));
    });
  });

  const STATES = [
    'Open the run',
    'Choose the recovery point',
    'Create the database',
    'Load the database',
    'Validate the restored database',
    'Hand the database over',
    'Record the run',
  ];

  test.each(STATES)('killed in "%s" and started again under its run id ends right, once', async (state) => {
    const into = `killed_${STATES.indexOf(state)}`;
    const { executionArn, runId } = await stack.start('restore', {
      restore: 'production',
      into,
      choose: second,
    });
    await on.entered(executionArn, state);
    await on.stop(executionArn);
    const again = await on.restore({ into, choose: second, runId });
    // A function that records goes on where its execution is killed. What it recorded stands, and the second attempt says so.
    expect(again.error ?? again.status).toMatch(
      state === 'Record the run' ? /^(SUCCEEDED|RunNotRecorded)$/ : /^SUCCEEDED$/,
    );
    const evidence = await stack.evidence('restore', runId);
    expect(evidence).toMatchObject({ outcome: 'restored', recoveryPoint: second, leftBehind: null });
    const { access } = await on.secretOf(evidence.steps.handOver?.secret ?? '');
    await on.asLogin(access, (client) => client.query('SELECT FROM contacts'));
    const compared = await stack.onSource((source) =>
      stack.onScratchServer((copy) => differingRows(source, copy), into),
    );
    expect(compared.differing).toEqual([]);
    expect(await on.namesLike(into)).toEqual([into, into]);
    expect(await on.namesLike('lifeboat_scratch')).toEqual([]);
  });
});
