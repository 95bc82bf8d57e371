import { expect, test } from 'vitest';
import { nameInOwnEncoding } from '../../../../../shared/database/postgres/session/own-encoding.ts';

test.each([
  ['contacts', 'LATIN1', '"contacts"'],
  ['a"b\\c', 'LATIN1', '"a""b\\c"'],
  ['größe', 'LATIN1', 'U&"gr\\+0000f6\\+0000dfe"'],
  ['"\\é', 'WIN1252', 'U&"""\\\\\\+0000e9"'],
  ['größe', 'UTF8', '"größe"'],
  ['größe', 'SQL_ASCII', '"größe"'],
  ['😀', 'EUC_JP', 'U&"\\+01f600"'],
])('the name %s in %s is written as %s', (name, encoding, written) => {
  expect(nameInOwnEncoding(name, { encoding })).toBe(written);
});
