import { describe, expect, test } from 'vitest';
import { idOfManifestKey } from '../../../../shared/backup/logical/recovery-point-id.ts';
import type { Vault } from '../../../../shared/vault/vault.ts';
import { describeBackupMethod } from '../../../contract/backup-method.ts';
import { logicalUnderTest } from '../../../contract/logical-under-test.ts';
import { contactsDatabase } from '../../database/memory-database.ts';
import { memoryServer } from '../../database/memory-engine.ts';
import { memoryVault } from '../../vault/memory-vault.ts';

function open(vault: Vault = memoryVault()) {
  const server = memoryServer();
  const access = server.add('mailblast', contactsDatabase());
  return { server, ...logicalUnderTest(vault, server.engine.snapshots, access, 'main') };
}

describeBackupMethod('the logical backup in memory', async () => open());

describe('the logical backup', () => {
  const signal = new AbortController().signal;
  const request = { database: 'main', backup: 'full', runId: 'nightly', runStartedAt: new Date(), signal };

  test('records rows, fingerprint and sequences of what it copied', async () => {
    const { manifest } = await open().method.take(request);
    expect(manifest.tables).toMatchObject([
      { schema: 'public', name: 'contacts', rows: '3', format: 'binary', parts: [{ rows: 2 }, { rows: 1 }] },
    ]);
    expect(manifest.sequences).toEqual(contactsDatabase().sequences);
  });

  test('refuses a database without tables: its backup would prove nothing', async () => {
    const { server, method, of } = open();
    server.add('mailblast', { ...contactsDatabase(), tables: [] });
    await expect(method.take(request)).rejects.toMatchObject({
      name: 'NothingToBackUp',
      message: expect.stringMatching(/has no tables of an application/),
    });
    expect(await method.list(of)).toEqual([]);
  });

  test('throws DatabaseUnreachable where there is no such database', async () => {
    const { server, method } = open();
    server.databases.delete('mailblast');
    await expect(method.take(request)).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  });

  test('killed before its manifest was everywhere is completed by the next attempt, which copies nothing', async () => {
    const store = memoryVault();
    let isKilled = true;
    const { method, of, server } = open({
      ...store,
      async put(key, ...rest) {
        if (isKilled && idOfManifestKey(key)) throw new Error('killed');
        return store.put(key, ...rest);
      },
    });
    await expect(method.take(request)).rejects.toThrow('killed');
    expect(await method.list(of)).toEqual([]);
    isKilled = false;
    server.databases.delete('mailblast');
    const point = await method.take(request);
    expect(await method.list(of)).toMatchObject([{ id: point.id }]);
    expect(await method.prove(point)).toMatchObject({ summary: expect.any(String) });
  });
});
