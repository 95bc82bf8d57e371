import type pg from 'pg';
import { entryThatFailed } from './schema/failed-entry.ts';

/**
 * Puts an error of PostgreSQL into words that may be logged: what it says, its SQLSTATE, and the objects that it names.
 *
 * Values of rows are left out. PostgreSQL quotes them in messages of class 22, in the details of class 23, and in COPY's
 * context; a function of the application may put them anywhere into its own messages.
 */
export function describeServerError(error: pg.DatabaseError): string {
  const code = error.code ?? '';
  const { schema, table, column, dataType, constraint, hint } = error;
  const own = code.startsWith('P0') ? 'a function of the database raised an error' : withoutValues(error);
  const parts = [
    `SQLSTATE ${code || 'unknown'}`,
    entryThatFailed(error),
    table && `table ${[schema, table].filter(Boolean).join('.')}`,
    column && `column ${column}`,
    dataType && `type ${dataType}`,
    constraint && `constraint ${constraint}`,
    detailWithoutValues(error),
    lineOfCopy(error),
    runningFunction(error),
    hint && !code.startsWith('P0') && `hint: ${hint}`,
  ];
  return `${own} (${parts.filter(Boolean).join('; ')})`;
}

function withoutValues({ code = '', message }: pg.DatabaseError): string {
  return code.startsWith('22') ? message.replace(/"(?:[^"]|"")*"/g, '"…"') : message;
}

/** `Key (customer_id)=(42) is not present in table "customers".` without the 42. */
const KEY = /^(Key \([^=]*\))=\(.*\) (is not present in table "[^"]*"|already exists|is duplicated)/s;
/** Classes whose details name objects, settings or resources, and never values. */
const SAFE_DETAIL = new Set(['0A', '2B', '3F', '42', '53', '55', '57']);

function detailWithoutValues({ code = '', detail }: pg.DatabaseError): string | undefined {
  if (!detail) return undefined;
  if (SAFE_DETAIL.has(code.slice(0, 2))) return detail;
  const [, key, relation] = KEY.exec(detail) ?? [];
  return key && relation ? `${key} ${relation}` : undefined;
}

/** `COPY contacts, line 7, column email: "…"` without the value. */
function lineOfCopy({ where = '' }: pg.DatabaseError): string | undefined {
  const line = where.split('\n').find((each) => each.startsWith('COPY '));
  return line?.replace(/: .*/s, '');
}

/** `PL/pgSQL function app.guard(integer) line 3 at RAISE`: where it was raised. */
function runningFunction({ where = '' }: pg.DatabaseError): string | undefined {
  return where.split('\n').find((line) => /^PL\/\w+ function |^SQL function /.test(line));
}
