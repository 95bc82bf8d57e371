import { describe, expect, test } from 'vitest';
import { followRequests } from '../../../../../shared/database/postgres/pg-dump/requests.ts';

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** The answers expected of the server after each piece of that many bytes. */
function answersTo(bytes: Buffer, pieceBytes: number): boolean[] {
  const isAnswered = followRequests();
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return pieces.map(isAnswered);
}

describe('what a client sends is followed', () => {
  test('a query is answered at once', () => {
    const isAnswered = followRequests();
    expect(isAnswered(message('Q', 'SELECT 1\0'))).toBe(true);
    expect(isAnswered(message('Q', 'SELECT 2\0'))).toBe(true);
  });

  test('a query in pieces is answered after its last piece', () => {
    const query = message('Q', `LOCK TABLE ${'public.t, '.repeat(2_000)}public.u\0`);
    expect(answersTo(query, 8_192)).toEqual([false, false, true]);
  });

  test('a piece may end within the type, the length or the text of a message', () => {
    const query = message('Q', 'SELECT 1\0');
    for (let bytes = 1; bytes <= query.length; bytes++)
      expect(answersTo(query, bytes).filter(Boolean)).toHaveLength(1);
    expect(answersTo(query, 1).at(-1)).toBe(true);
  });

  test('text that looks like a message within one is none', () => {
    const isAnswered = followRequests();
    const query = message('Q', `SELECT '${'Q'.repeat(100)}\0\0\0\0${'S'.repeat(100)}'\0`);
    expect([isAnswered(query.subarray(0, 20)), isAnswered(query.subarray(20))]).toEqual([false, true]);
  });

  test('Parse and Bind are answered with the Sync that ends them', () => {
    const isAnswered = followRequests();
    expect(isAnswered(message('P', 'a\0SELECT 1\0\0\0'))).toBe(false);
    expect(isAnswered(Buffer.concat([message('B', 'a\0'), message('E', '\0')]))).toBe(false);
    expect(isAnswered(message('S', ''))).toBe(true);
    expect(isAnswered(message('d', 'rows'))).toBe(false);
  });
});
