import { inspect } from 'node:util';
import type { Context } from 'aws-lambda';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { LifeboatError } from '../../../shared/errors/lifeboat-error.ts';
import { logAsLoggable, loggable } from '../../../shared/lambda/loggable-error.ts';
import { task } from '../../../shared/lambda/task.ts';

const row = 'ada@example.com';

class Refused extends LifeboatError {
  override readonly name = 'Refused';
  override readonly kind = 'unsupported';
}

/** As node-postgres throws it. */
const refusal = (fields: Partial<pg.DatabaseError>) =>
  Object.assign(new pg.DatabaseError(fields.message ?? '', 0, 'error'), { severity: 'ERROR' }, fields);

/** What servers say about rows, each where it was seen to quote them. */
const QUOTING: [string, Partial<pg.DatabaseError>, named: string[]][] = [
  [
    'an integer',
    { code: '22P02', message: `invalid input syntax for type integer: "${row}"`, dataType: 'int4' },
    ['int4'],
  ],
  [
    'an integer, in German',
    { code: '22P02', message: `ungültige Eingabesyntax für Typ integer: »${row}«` },
    [],
  ],
  ['an integer, in French', { code: '22P02', message: `syntaxe en entrée invalide : « ${row} »` }, []],
  ['an enum', { code: '22P02', message: `invalid input value for enum mood: "${row}"` }, []],
  [
    'JSON',
    { code: '22P02', message: 'invalid input syntax for type json', detail: `Token "${row}" is invalid.` },
    [],
  ],
  ['a date', { code: '22008', message: `date/time field value out of range: "${row}"` }, []],
  ['a number', { code: '22003', message: `value "${row}" is out of range for type integer` }, []],
  [
    'a key',
    {
      code: '23505',
      message: 'duplicate key value violates unique constraint "contacts_email_key"',
      detail: `Key (email)=(${row}) already exists.`,
      table: 'contacts',
      constraint: 'contacts_email_key',
    },
    ['contacts', 'contacts_email_key'],
  ],
  [
    'a whole row',
    {
      code: '23514',
      message: 'violates check',
      detail: `Failing row contains (1, ${row}).`,
      table: 'contacts',
    },
    ['contacts'],
  ],
  [
    'a line of COPY',
    { code: '22P04', message: 'extra data', where: `COPY contacts, line 1: "1\t${row}"` },
    [],
  ],
  [
    'a statement',
    { code: 'XX000', message: 'cache lookup failed', internalQuery: `SELECT '${row}'`, hint: row },
    [],
  ],
  ['what a function raised', { code: 'P0001', message: `no such contact: ${row}` }, []],
  [
    'what a function raised under the code of a missing right',
    { code: '42501', message: `${row} may not`, where: 'PL/pgSQL function guard() line 3 at RAISE' },
    [],
  ],
];

/** As Lambda's runtime writes what a handler threw: src/utils/error.ts of its interface client. */
const loggedByRuntime = (error: unknown) =>
  JSON.stringify(error, (_, value) =>
    value instanceof Error
      ? { errorType: value.name, errorMessage: value.message, ...value, stack: value.stack?.split('\n') }
      : value,
  );

let logged: string[];

beforeEach(() => {
  logged = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      logged.push(String(text));
      return true;
    });
});

afterEach(() => vi.restoreAllMocks());

/** Throws it from a function. @returns what the state machine is given */
async function thrown(error: Error): Promise<Error> {
  const contract = { name: 'load', input: z.unknown(), output: z.unknown(), environment: z.object({}) };
  const context = { awsRequestId: '1', functionName: 'load', getRemainingTimeInMillis: () => 60_000 };
  const failed = await task(contract, () => () => Promise.reject(error))({}, context as Context).catch(
    (caught: unknown) => caught,
  );
  return failed as Error;
}

describe.each(QUOTING)('the log of a database that quotes %s', (_, fields, named) => {
  const wrapped = (cause: Error) =>
    new Refused(`table contacts was not loaded: ${cause.message} (${fields.detail ?? fields.where ?? ''})`, {
      cause,
    });
  const everyForm: [string, () => Error][] = [
    ['as it came', () => refusal(fields)],
    ['in words of ours', () => wrapped(refusal(fields))],
    [
      'in words about words',
      () => new Refused(`run: ${wrapped(refusal(fields)).message}`, { cause: wrapped(refusal(fields)) }),
    ],
  ];

  test.each(everyForm)('%s holds no value, and the code and the names', async (_form, make) => {
    const error = await thrown(make());
    const text = logged.join('\n') + loggedByRuntime(error);
    expect(text).not.toContain(row);
    for (const known of [fields.code ?? '', ...named]) expect(logged.join('\n')).toContain(known);
    expect(logged.join('\n')).toContain('loggable-error.test.ts');
  });

  test('leaves the state machine the whole text, for the evidence', async () => {
    const error = await thrown(wrapped(refusal(fields)));
    expect(error).toMatchObject({ name: 'Refused', message: wrapped(refusal(fields)).message });
  });
});

describe('the log of an error', () => {
  test.each([
    ['28P01', 'password authentication failed for user "backup"'],
    ['42501', 'permission denied for table contacts'],
    ['53300', 'remaining connection slots are reserved'],
    ['57P01', 'terminating connection due to administrator command'],
  ])('%s, which speaks of objects alone, keeps its words', async (code, message) => {
    const cause = refusal({ code, message });
    await thrown(new Refused(`database "app" could not be connected to: ${message}`, { cause }));
    expect(logged.join('\n')).toContain(
      `could not be connected to: ${message.replaceAll('"', String.raw`\"`)}`,
    );
  });

  test('of a parser holds nothing of what it read', async () => {
    const parsing = () => JSON.parse(`${row} is no JSON`);
    const cause = await Promise.resolve()
      .then(parsing)
      .catch((error: Error) => error);
    expect(String(cause)).toContain('ada@');
    await thrown(new Refused(`the body cannot be read: ${cause.message}`, { cause }));
    expect(logged.join('\n')).not.toContain('ada@');
  });

  test('of another kind keeps its words, also with a code of five letters', () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(loggable(broken)).toMatchObject({ name: 'Error', message: 'write EPIPE', code: 'EPIPE' });
    expect(inspect(loggable(broken))).toContain('loggable-error.test.ts');
  });

  test('that is its own cause, or that nothing can be added to, is logged all the same', () => {
    const circle = new Error('a circle');
    circle.cause = circle;
    expect(loggable(circle)).toMatchObject({ message: 'a circle' });
    const frozen = Object.freeze(new Error('frozen'));
    expect(() => logAsLoggable(frozen)).not.toThrow();
  });
});
