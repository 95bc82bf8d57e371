import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { BlockDamaged } from '../../../shared/backup/logical/block.ts';
import { RecoveryPointDamaged } from '../../../shared/backup/logical/read-stored.ts';
import { restores } from '../../../shared/database/postgres/load.ts';
import { asDamage } from '../../../shared/restore/whose-fault.ts';
import { ObjectMissing } from '../../../shared/vault/vault.ts';

const refused = (code: string, message: string, where?: string) =>
  Object.assign(new pg.DatabaseError(message, 0, 'error'), { code, ...(where && { where }) });
const judged = (error: unknown) =>
  asDamage(restores, 'public.contacts', Promise.reject(error)).catch((reason: unknown) => reason);

describe('whose fault a failed load is', () => {
  test.each([
    ['a damaged block', new BlockDamaged('block 3')],
    ['an object with another sha256', new RecoveryPointDamaged('rows/0/0.lbk')],
    ['a value that its type does not read', refused('22P02', 'invalid input', 'COPY contacts, line 1')],
  ])("the backup's: %s", async (_, error) => {
    expect(await judged(error)).toBeInstanceOf(RecoveryPointDamaged);
  });

  test.each([
    ['a lost socket', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a server that was shut down', refused('57P01', 'terminating connection')],
    ['an error that only looks like one of the server', Object.assign(new Error('x'), { code: '22P02' })],
    // openStored knows which object is missing, and throws RecoveryPointDamaged.
    ['an absence in the vault', new ObjectMissing('manifests/x')],
    ['a mistake of the program', new TypeError('undefined is not a function')],
    ['nothing', undefined],
  ])('is not judged here: %s', async (_, error) => {
    expect(await judged(error)).toBe(error);
  });

  test('is told with the phase in front of what the database said', async () => {
    const wrong = refused('22P02', 'invalid input syntax for type integer: "x"', 'COPY contacts, line 1');
    expect(await judged(wrong)).toMatchObject({
      name: 'RecoveryPointDamaged',
      message: expect.stringMatching(/^public\.contacts: invalid input syntax for type integer: "…"/),
      cause: wrong,
    });
  });

  test.each([
    ['42704', 'role "auditor" does not exist', /suspected: the scratch server, because .* Next: .*\.$/],
    ['42601', 'syntax error', /suspected: Lifeboat, because/],
    ['ZZ001', 'never seen', /no suspect is known, because this code is not in the list/],
  ])('names who is suspected and the next step where nothing is proven: %s', async (code, said, words) => {
    const error = await judged(refused(code, said));
    expect(error).toMatchObject({ name: 'DatabaseRefused', message: expect.stringMatching(words) });
    expect((error as Error).message).toContain(`public.contacts: ${said} (SQLSTATE ${code})`);
    expect((error as Error).message).toContain('Nothing is proven of the backup');
  });
});
