import { describe, expect, test } from 'vitest';
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

  test.each([
    ['ContentNotSupported', { contentOutsideTables: '3 large objects' }, /holds 3 large objects/],
    ['NothingToBackUp', { tables: [] }, /has no tables of an application/],
  ])('refuses with %s a database that it would lose content of', async (name, difference, message) => {
    const { server, method, of } = open();
    server.add('mailblast', { ...contactsDatabase(), ...difference });
    await expect(method.take(request)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
    expect(await method.list(of)).toEqual([]);
  });

  test('throws DatabaseUnreachable where there is no such database', async () => {
    const { server, method } = open();
    server.databases.delete('mailblast');
    await expect(method.take(request)).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  });
});
