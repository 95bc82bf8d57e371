import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { type Piece, readScript } from './read-script.ts';

/** A statement of a script failed. The message has its file, its line and what the server said. */
export class ScriptFailed extends LifeboatError {
  override readonly name = 'ScriptFailed';
  override readonly kind = 'usage';
}

/** What was left out of scripts, and how often. */
export type LeftOut = Readonly<Record<string, number>>;

/** What does not belong to one database alone, or would act on other systems. A dump may hold it all the same. */
const LEFT_OUT: readonly (readonly [reason: string, statement: RegExp])[] = [
  ['owners, roles and grants', /^ALTER\s[\s\S]*\sOWNER\s+TO\s/i],
  ['owners, roles and grants', /^(?:GRANT|REVOKE|REASSIGN\s+OWNED)\b/i],
  ['owners, roles and grants', /^ALTER\s+DEFAULT\s+PRIVILEGES\b/i],
  ['owners, roles and grants', /^(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP)\b/i],
  ['owners, roles and grants', /^SET\s+(?:SESSION\s+AUTHORIZATION|ROLE)\b/i],
  ['owners, roles and grants', /^SECURITY\s+LABEL\b/i],
  ['the database itself', /^(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+DATABASE\b/i],
  ['the database itself', /^(?:CREATE|ALTER|DROP)\s+TABLESPACE\b/i],
  ['subscriptions and publications', /^(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:SUBSCRIPTION|PUBLICATION)\b/i],
  ['event triggers', /^(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+EVENT\s+TRIGGER\b/i],
];

/** An extension is made by an administrator, in RDS too. */
const EXTENSION = /^(?:CREATE|COMMENT\s+ON)\s+EXTENSION\b/i;

/**
 * Runs SQL scripts, one after the other, as the owner of a database. Extensions are created as `administrator`. The first
 * statement that fails ends it.
 *
 * @param onBytes told the size of each piece that was read
 * @returns what was left out, by its kind
 * @throws ScriptFailed, ScriptUnreadable
 */
export async function loadScripts(
  files: readonly string[],
  { owner, administrator }: { owner: pg.Client; administrator: pg.Client },
  onBytes: (bytes: number) => void = () => {},
): Promise<LeftOut> {
  const leftOut: Record<string, number> = {};
  for (const file of files) {
    for await (const piece of readScript(file, onBytes)) {
      const reason = LEFT_OUT.find(([, statement]) => statement.test(piece.outline))?.[0];
      if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
      else await perform(EXTENSION.test(piece.outline) ? administrator : owner, piece, file);
    }
  }
  return leftOut;
}

async function perform(client: pg.Client, piece: Piece, file: string): Promise<void> {
  try {
    if (piece.kind === 'copy') await pipeline(piece.rows, client.query(copyFrom(piece.text)));
    else await client.query(piece.text);
  } catch (cause) {
    if (cause instanceof LifeboatError) throw cause;
    const { code, where } = cause as { code?: string; where?: string };
    const said = cause instanceof Error ? cause.message : String(cause);
    const statement = piece.text.split('\n', 1)[0]?.slice(0, 80) ?? '';
    throw new ScriptFailed(
      `${file}:${piece.line}: ${said}${code ? ` (SQLSTATE ${code})` : ''}${where ? `, ${where.split('\n')[0]}` : ''}\nThe statement begins: ${statement}`,
      { cause, ...(HINTS[code ?? ''] && { hint: HINTS[code ?? ''] }) },
    );
  }
}

const EXISTS = 'It exists already: is the script a dump of one database, given once?';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const HINTS: Readonly<Record<string, string>> = {
  '0A000':
    'The PostgreSQL of this machine is version 18, without extensions of third parties: SELECT name FROM pg_available_extensions',
  '42501': 'The script runs as the owner of the database, who is no superuser, as on RDS.',
  '42710': EXISTS,
  '42P07': EXISTS,
};
