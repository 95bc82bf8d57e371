import { describe, expect, test } from 'vitest';
import { quoteAnswer } from '../../../../shared/replay/targets/quote-answer.ts';

const address = {
  url: new URL('https://hooks.example.com/services/T024BE7LD0Q9Z8Y7/hook?token=tok-4711'),
  headers: { authorization: 'Bearer s3cr3t/"token"', 'x-source': 'ab' },
};
const quote = (text: string, statusText = 'Bad Request') =>
  quoteAnswer({ status: 400, statusText, head: Buffer.from(text) }, address);

describe('an answer in words', () => {
  test('is its status line and the beginning of its body', () => {
    expect(quote('no such campaign')).toBe('400 Bad Request: "no such campaign"');
    expect(quote('', '')).toBe('400');
    expect(quote('x'.repeat(1_000))).toBe(`400 Bad Request: "${'x'.repeat(200)}"`);
  });

  test('is one line of printable characters', () => {
    expect(quote('{\r\n\t"error":\u0000 "\u001b[31mGrüße 🛟"\u2028}')).toBe(
      '400 Bad Request: "{ "error": " [31mGrüße 🛟" }"',
    );
    expect(quoteAnswer({ status: 400, statusText: '', head: Buffer.from([0xff, 0x41, 0xc3]) }, address)).toBe(
      '400: "A"',
    );
  });

  test.each([
    ['a whole value', 'you sent Bearer s3cr3t/"token"'],
    ['a part of a value', 'unknown token s3cr3t/"token"'],
    ['a value in JSON', JSON.stringify({ sent: 'Bearer s3cr3t/"token"' })],
    ['a value in an address', encodeURIComponent('s3cr3t/"token"')],
    ['a value in HTML', 'token s3cr3t/&quot;token&quot; unknown'],
    ['a value in other messages', 'BEARER S3CR3T TOKEN'],
    ['a short value', 'source ab unknown'],
    ['the path', 'Cannot POST /services/T024BE7LD0Q9Z8Y7/hook'],
    ['a part of the path', 'no hook T024BE7LD0Q9Z8Y7'],
    ['a parameter', 'token tok-4711 has expired'],
    ['a value far behind', `${'.'.repeat(300)}s3cr3t/"token"`],
  ])('is not shown where it repeats %s of the secret', (_, text) => {
    expect(quote(text)).toBe('400 (it repeats a part of the secret, and is not shown)');
  });

  test('is not shown where its status line repeats the secret', () => {
    expect(quote('', 'No tok-4711')).toBe('400 (it repeats a part of the secret, and is not shown)');
  });
});
