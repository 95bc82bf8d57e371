import { validateHeaderValue } from 'node:http';
import { describe, expect, test } from 'vitest';
import { idempotencyKey } from '../../../../shared/replay/targets/idempotency-key-header.ts';

/** Reads a string of structured fields, after RFC 9651, 4.2.5. */
function readString(field: string): string {
  const inner = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(field)?.[1];
  if (inner === undefined) throw new Error(`no string of structured fields: ${field}`);
  return inner.replace(/\\(.)/g, '$1');
}

const KEYS = [
  '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  'order 7, "second" \\ attempt',
  'a\r\nx-admin: 1',
  'tab\there',
  'null\u0000byte',
  'Grüße 🛟',
  '100%',
  '%41',
  'A',
  '',
  '\u007f',
];

describe('an idempotency key in a header', () => {
  test('is sent as it is, in quotes', () => {
    expect(idempotencyKey('22b80b92-fdea')).toBe('"22b80b92-fdea"');
    expect(idempotencyKey('say "hi" \\')).toBe('"say \\"hi\\" \\\\"');
  });

  test('cannot end the header', () => {
    expect(idempotencyKey('a\r\nx-admin: 1')).toBe('"a%0D%0Ax-admin: 1"');
  });

  test.each(KEYS)('is a string of structured fields from which %j can be had again', (key) => {
    const field = idempotencyKey(key);
    validateHeaderValue('idempotency-key', field);
    expect(decodeURIComponent(readString(field))).toBe(key);
  });

  test('is never the same for two keys', () => {
    expect(new Set(KEYS.map(idempotencyKey)).size).toBe(KEYS.length);
  });

  test('takes half of a surrogate pair too', () => {
    expect(idempotencyKey('\ud83d')).toBe('"%EF%BF%BD"');
  });
});
