import { envelope } from './dead-letter.ts';

/** An envelope as text; a case says what differs. A field that is undefined is left out. */
export const enveloped = (difference: Record<string, unknown> = {}): string =>
  JSON.stringify({ ...envelope, ...difference });

/** What breaks in shells, in CSV and in JSON. */
const awkward = `it's "quoted", \\n is no line, $(rm -rf) %s 🛟 é \t\r\n\n`;

export type Shape = 'sns' | 'json' | 'text' | 'empty';

/** Bodies as they come, and what each of them is. */
export const bodies: readonly (readonly [description: string, body: string, shape: Shape])[] = [
  ['nothing', '', 'empty'],
  ['blanks and line ends', ' \n\t\r\n ', 'empty'],
  ['text of several lines with quotes and emoji', awkward, 'text'],
  ['JSON that is cut', '{"Type":"Notification","Message":"', 'text'],
  ['JSON with something behind it', '{"a":1} {"a":2}', 'text'],
  ['two envelopes, a line each', `${enveloped()}\n${enveloped()}`, 'text'],
  ['NaN, which is no JSON', 'NaN', 'text'],
  ['a lone surrogate', '\ud83d', 'text'],
  ['null', 'null', 'json'],
  ['a number', '42', 'json'],
  ['a number beyond all', '1e999', 'json'],
  ['true', 'true', 'json'],
  ['text in JSON', JSON.stringify(awkward), 'json'],
  ['a lone surrogate in JSON', '"\\ud83d"', 'json'],
  ['a list', '[1,2,3]', 'json'],
  ['a list with an envelope in it', `[${enveloped()}]`, 'json'],
  ['lists in lists, 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), 'json'],
  ['an object', '{"order":1}', 'json'],
  ['an object with __proto__', '{"__proto__":{"Type":"Notification"},"constructor":1}', 'json'],
  ['an envelope behind __proto__', `{"__proto__":${enveloped()}}`, 'json'],
  ['an envelope in a field', `{"envelope":${enveloped()}}`, 'json'],
  ['an envelope as text in JSON', JSON.stringify(enveloped()), 'json'],
  ['256 KiB of JSON', JSON.stringify({ text: 'x'.repeat(256 * 1024 - 11) }), 'json'],
  ['an envelope', enveloped(), 'sns'],
  ['an envelope with line ends between its fields', JSON.stringify(envelope, null, 2), 'sns'],
  ['an envelope in an envelope', enveloped({ Message: enveloped() }), 'sns'],
  ['an envelope around awkward text', enveloped({ Message: awkward, Subject: awkward }), 'sns'],
  ['an envelope around nothing', enveloped({ Message: '' }), 'sns'],
  ['an envelope with more fields than SNS writes', enveloped({ more: { than: ['that'] } }), 'sns'],
  ['256 KiB in an envelope', enveloped({ Message: 'é'.repeat(128 * 1024) }), 'sns'],
];
