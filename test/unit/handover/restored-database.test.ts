import { describe, expect, test } from 'vitest';
import { connectionSecretName } from '../../../shared/handover/connection-secret.ts';
import { type ConnectionKeeper, restoredDatabases } from '../../../shared/handover/restored-database.ts';
import { nameForRestore, type RestoredMark } from '../../../shared/handover/restored-mark.ts';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { traits } from '../database/memory-database.ts';
import { memoryServer } from '../database/memory-engine.ts';

const runId = 'restore-20261129T080000Z-1';
const mark: RestoredMark = {
  lifeboat: 'restored',
  runId,
  workload: 'shop',
  recoveryPoint: '20261129T020000Z-3f9a1c55-0b1c2d3e',
  validated: {
    startedAt: '2026-11-29T08:00:00.000Z',
    finishedAt: '2026-11-29T08:00:01.000Z',
    verdict: 'verified',
    reason: '21 checks passed',
    checks: 21,
    recoveredTo: null,
  },
};

describe('the name that a restore goes into', () => {
  const comments = {
    'no comment': null,
    'a comment of the application': 'orders of the shop',
    'JSON of somebody': '{"lifeboat":"restored"}',
    'the mark of a scratch': JSON.stringify({
      lifeboat: 'scratch',
      runId,
      workload: 'shop',
      expiresAt: '2026-11-29T08:00:00.000Z',
    }),
    'the mark of another run': JSON.stringify({ ...mark, runId: 'another' }),
  };

  test('is free, or that of the run itself', () => {
    expect(nameForRestore('shop', undefined, runId)).toBeNull();
    expect(nameForRestore('shop', { comment: JSON.stringify(mark) }, runId)).toEqual(mark);
  });

  test.each(Object.entries(comments))('is refused where a database has it with %s', (_, comment) => {
    expect(() => nameForRestore('shop', { comment }, runId)).toThrow(
      expect.objectContaining({ name: 'NameTaken', message: expect.stringContaining('Nothing was touched') }),
    );
  });

  test('says which run restored what is there', () => {
    expect(() => nameForRestore('shop', { comment: comments['the mark of another run'] }, runId)).toThrow(
      'run "another" restored it from 20261129T020000Z-3f9a1c55-0b1c2d3e',
    );
  });

  test.each([
    'pg_shop',
    scratchName(runId),
    '',
    'a b',
    'x"; DROP DATABASE y; --',
    'ünïcode',
    '-x',
    'x'.repeat(64),
  ])('is not %j', (name) => {
    expect(() => nameForRestore(name, undefined, runId)).toThrow(
      expect.objectContaining({ name: 'NameUnusable' }),
    );
  });
});

describe('handing a copy over', () => {
  const open = async () => {
    const server = memoryServer({ logins: true });
    const access = server.access('postgres');
    const { scratchServers } = server.engine;
    const scratch = scratchDatabases(scratchServers, access);
    await scratch.claim({ runId, workload: 'shop', expiresAt: new Date() }, traits);
    const kept: { username: string; password: string }[] = [];
    const keeper: ConnectionKeeper = {
      isKept: async () => kept.length > 0,
      keep: async (login) => void kept.push(login),
    };
    const as = { runId, name: 'shop', owner: null, grants: [], settings: {}, definition: null, mark };
    return { server, restored: restoredDatabases(scratchServers, access), keeper, kept, as };
  };

  test('gives it its name and keeps its login', async () => {
    const { server, restored, keeper, kept, as } = await open();
    expect(await restored.handOver(as, keeper)).toMatchObject(mark);
    expect([...server.databases.keys()]).toEqual(['postgres', 'shop']);
    expect(kept).toMatchObject([{ dbname: 'shop', username: 'shop', password: 'of shop' }]);
    expect(await restored.find('shop', runId, traits)).toMatchObject(mark);
  });

  test('again changes nothing: the password that was handed out stays', async () => {
    const { restored, keeper, kept, as } = await open();
    await restored.handOver(as, keeper);
    expect(await restored.handOver({ ...as, mark: null }, keeper)).toMatchObject(mark);
    expect(kept).toHaveLength(1);
  });

  test('again says what the first attempt left out: the evidence of a retry has it too', async () => {
    const { restored, keeper, as } = await open();
    const first = await restored.handOver(as, keeper);
    expect(first.applied).toEqual({ owner: 'shop', grantsLeftOut: ['a grant'], fromSource: null });
    const killed: ConnectionKeeper = { ...keeper, isKept: async () => false };
    expect((await restored.handOver({ ...as, mark: null }, killed)).applied).toEqual(first.applied);
  });

  test('killed before the login was kept is completed by the next attempt', async () => {
    const { restored, keeper, kept, as } = await open();
    const killed: ConnectionKeeper = { ...keeper, keep: () => Promise.reject(new Error('killed')) };
    await expect(restored.handOver(as, killed)).rejects.toThrow('killed');
    expect(await restored.handOver({ ...as, mark: null }, keeper)).toMatchObject(mark);
    expect(kept).toMatchObject([{ username: 'shop' }]);
  });

  test('by two attempts at the same moment hands it over once', async () => {
    const { restored, keeper, kept, as } = await open();
    expect(await Promise.all([restored.handOver(as, keeper), restored.handOver(as, keeper)])).toMatchObject([
      mark,
      mark,
    ]);
    expect(kept).toHaveLength(1);
  });

  test('is refused once somebody has the name, and the copy stays', async () => {
    const { server, restored, keeper, kept, as } = await open();
    server.add('shop');
    await expect(restored.handOver(as, keeper)).rejects.toMatchObject({ name: 'NameTaken' });
    expect(server.databases.has(scratchName(runId))).toBe(true);
    expect(kept).toEqual([]);
  });

  test('whose grants are refused keeps the copy under its provisional name', async () => {
    const { server, restored, keeper, as } = await open();
    await expect(restored.handOver({ ...as, grants: ['REFUSED'] }, keeper)).rejects.toMatchObject({
      name: 'HandOverRefused',
    });
    expect(server.databases.has(scratchName(runId))).toBe(true);
  });

  test('is not possible once the copy is gone, or is not the own one', async () => {
    const { server, restored, keeper, as } = await open();
    const name = scratchName(runId);
    server.add(name, { comment: JSON.stringify({ ...mark, lifeboat: 'scratch' }) });
    await expect(restored.handOver(as, keeper)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    server.databases.delete(name);
    await expect(restored.handOver(as, keeper)).rejects.toMatchObject({ name: 'ScratchMissing' });
  });

  test('needs a server that gives it a login of its own, which is said before anything is made', async () => {
    const server = memoryServer();
    const restored = restoredDatabases(server.engine.scratchServers, server.access('postgres'));
    await expect(restored.find('shop', runId, traits)).rejects.toMatchObject({ name: 'ScratchUnsuitable' });
  });
});

test('the secret of a run has a name of its own, so that no second run meets it', () => {
  expect(connectionSecretName('shop', 'orders', 'one')).toMatch(
    /^lifeboat\/shop\/restored\/orders\/[0-9a-f]{8}$/,
  );
  expect(connectionSecretName('shop', 'orders', 'one')).not.toBe(
    connectionSecretName('shop', 'orders', 'two'),
  );
});
