import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { BlockDamaged } from '../../../shared/backup/logical/block.ts';
import { RecoveryPointDamaged } from '../../../shared/backup/logical/read-stored.ts';
import { restores } from '../../../shared/database/postgres/load.ts';
import { asDamage, isDamage } from '../../../shared/restore/whose-fault.ts';
import { ObjectMissing } from '../../../shared/vault/vault.ts';

describe('whose fault a failed load is', () => {
  test.each([
    ['a damaged block', new BlockDamaged('block 3'), true],
    ['an object with another sha256', new RecoveryPointDamaged('rows/0/0.lbk'), true],
    ['a lost socket', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), false],
    ['a connection that ended', new Error('Connection terminated unexpectedly'), false],
    ['a refusal without a code', new pg.DatabaseError('?', 0, 'error'), false],
    [
      'an error that only looks like one of the server',
      Object.assign(new Error('x'), { code: '22P02' }),
      false,
    ],
    // openStored knows which object is missing, and throws RecoveryPointDamaged.
    ['an absence in the vault', new ObjectMissing('manifests/x'), false],
    ['a mistake of the program', new TypeError('undefined is not a function'), false],
    ['nothing', undefined, false],
  ])('of %s', (_, error, damage) => {
    expect(isDamage(error, restores)).toBe(damage);
  });

  test('is told by a name, with the phase in front of what the database said', async () => {
    const refused = Object.assign(new pg.DatabaseError('no such type', 0, 'error'), { code: '42704' });
    const wrong = Object.assign(new pg.DatabaseError('invalid input', 0, 'error'), { code: '22P02' });
    await expect(asDamage(restores, 'public.contacts', Promise.reject(refused))).rejects.toBe(refused);
    await expect(asDamage(restores, 'public.contacts', Promise.reject(wrong))).rejects.toMatchObject({
      name: 'RecoveryPointDamaged',
      message: 'public.contacts: invalid input',
      cause: wrong,
    });
  });
});
