import pg from 'pg';
import type { Blame } from '../engine.ts';
import { ArchiveUnreadable } from './archive/byte-reader.ts';
import { describeServerError } from './describe-server-error.ts';
import { doubtOf } from './fragile-constraints/doubt.ts';
import { isLost } from './lost-connection.ts';

/** What a class of SQLSTATE, or one SQLSTATE, says about who is at fault while a copy is loaded or read. */
interface Rule extends Pick<Blame, 'suspect' | 'because' | 'next'> {
  /** Classes of two characters and whole codes. A whole code outweighs its class. */
  readonly states: readonly string[];
}

const LOAD_BY_HAND =
  'load the recovery point by hand (docs/restore-by-hand.md): if psql is refused too, the backup is bad';

/**
 * The backup is blamed only where the code leaves no other explanation. Everything else is not proven, and so is every code
 * that is not listed.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const RULES: readonly Rule[] = [
  {
    states: ['22P02', '22P03', '22P04', '22021'],
    suspect: 'backup',
    because: 'COPY could not read a stored row by the types that the backup itself defines',
    next: 'take a backup now, and test it',
  },
  {
    states: ['23502', '23503', '23505', '23P01'],
    suspect: 'backup',
    because: 'the stored rows contradict a constraint that the backup itself holds',
    next: 'look whether the source breaks that constraint, then take a backup and test it',
  },
  {
    states: ['22', '23'],
    suspect: 'restored code',
    because:
      'an expression or check of the schema failed, and it may depend on settings, functions or rows of other tables',
    next: LOAD_BY_HAND,
  },
  {
    states: ['P0', '38', '39', '2F', '20', '09', '27'],
    suspect: 'restored code',
    because:
      'a function or trigger of the schema failed on the scratch server, where its surroundings differ',
    next: 'let the function do nothing while a dump is loaded, or replace it by the plan',
  },
  {
    states: ['42', '3F', '2B', '26', '0L', '0P'],
    suspect: 'Lifeboat',
    because:
      'the definitions are as pg_dump wrote them, so they were sent in a wrong way or order, or need something that a dump does not hold',
    next: LOAD_BY_HAND,
  },
  {
    states: ['40', '25', '55P03'],
    suspect: 'Lifeboat',
    because: 'its connections stood in the way of each other, or the server allows them only to read',
    next: 'run the restore test again; if it fails the same way, look at default_transaction_read_only of the scratch login',
  },
  {
    states: ['0A', '42704', '58P01', '22023', '3D'],
    suspect: 'scratch server',
    because: 'it lacks an extension, a role, a collation, a setting or a database that the copy needs',
    next: 'install or create what the message names on the scratch server',
  },
  {
    states: ['42501'],
    suspect: 'role',
    because: 'the scratch login lacks a right',
    next: 'grant what the message names. Row-level security needs BYPASSRLS',
  },
  {
    states: ['28'],
    suspect: 'role',
    because: 'the server refused the login',
    next: 'look at the secret of the scratch server',
  },
  {
    states: ['53100'],
    suspect: 'scratch server',
    because: 'its disk is full',
    next: 'give it room for a whole copy of the source, and drop copies that earlier runs left there',
  },
  {
    states: ['53', '54', '55', '57', '58', 'F0', 'XX', 'HV'],
    suspect: 'scratch server',
    because: 'it ran out of something, was stopped by somebody, or is damaged itself',
    next: 'look at its storage, memory, connections and log',
  },
];

const UNKNOWN: Pick<Blame, 'suspect' | 'because' | 'next'> = {
  suspect: 'nobody',
  because: 'this code is not in the list of known causes',
  next: LOAD_BY_HAND,
};

/** Its sha256 was compared before. */
const UNREADABLE: Pick<Blame, 'suspect' | 'because' | 'next'> = {
  suspect: 'Lifeboat',
  because: 'the schema is the object that was written, so it was written or is read in a wrong way',
  next: 'list it by pg_restore --list: if that fails too, take a backup now',
};

/**
 * Says who is at fault if PostgreSQL refused a statement while a copy was loaded or read; null if the error is not
 * PostgreSQL's, or only says that the connection was lost.
 */
export function blame(error: unknown): Blame | null {
  if (error instanceof ArchiveUnreadable) return { ...UNREADABLE, said: error.message };
  if (!(error instanceof pg.DatabaseError) || isLost(error)) return null;
  const { suspect, because, next } = ruleOf(error) ?? UNKNOWN;
  return { suspect, because, next, said: describeServerError(error) };
}

function ruleOf(error: pg.DatabaseError): Pick<Blame, 'suspect' | 'because' | 'next'> | undefined {
  const code = error.code ?? '';
  const rule = find(code) ?? find(code.slice(0, 2));
  if (rule?.suspect !== 'backup') return rule;
  // A restored function can raise any code. Only what the server itself found about stored rows is proof.
  if (calledFunctions(error).length > 0) return find('P0');
  const doubt = doubtOf(error);
  if (doubt) return doubt;
  const byCopy = code.startsWith('22') ? isFromCopy(error) : true;
  return byCopy ? rule : find('22');
}

function find(state: string): Rule | undefined {
  return RULES.find(({ states }) => states.includes(state));
}

/** COPY adds one line, `COPY t, line 1, column c: "…"`. The keyword stands there in every language of the server. */
function isFromCopy({ where = '' }: pg.DatabaseError): boolean {
  return where.startsWith('COPY ');
}

/** Lines of the context that are not COPY's: the functions that were running. */
export function calledFunctions({ where = '' }: pg.DatabaseError): string[] {
  return where.split('\n').filter((line) => line !== '' && !line.startsWith('COPY '));
}
