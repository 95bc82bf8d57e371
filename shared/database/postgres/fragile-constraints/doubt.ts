import pg from 'pg';
import type { Blame } from '../../engine.ts';
import type { FragileConstraint } from '../../fragile-constraint.ts';
import { serverVersionOf } from '../catalog.ts';
import { selectCollations } from './collation-versions.ts';

/** Why a violation proves nothing of the backup. */
export type Doubt = Pick<Blame, 'suspect' | 'because' | 'next'>;

const doubts = new WeakMap<object, Doubt>();

/** The doubt that was remembered of this error. */
export function doubtOf(error: Error): Doubt | undefined {
  return doubts.get(error);
}

const [NOT_NULL, FOREIGN_KEY, UNIQUE, EXCLUSION] = ['23502', '23503', '23505', '23P01'];

const LOOK_IN_THE_SOURCE = 'look for rows in the source that break it. If there are none, the backup is good';
const UNKNOWN: Doubt = {
  suspect: 'nobody',
  because: 'the recovery point does not say how its keys compare values',
  next: 'take a backup with this version, and test that',
};

/**
 * Remembers of a violation why it may be the server's doing, if it may. The error stays as the server sent it.
 *
 * @param client the connection that got the error, outside of a transaction
 * @param fragile as the backup recorded them; null if it did not
 */
export async function rememberDoubt(
  client: pg.Client,
  error: unknown,
  fragile: readonly FragileConstraint[] | null,
): Promise<void> {
  if (!(error instanceof pg.DatabaseError)) return;
  const { code, schema, table, constraint } = error;
  if (code !== FOREIGN_KEY && code !== UNIQUE && code !== EXCLUSION) return;
  const named = fragile?.filter((each) => each.schema === schema && each.name === constraint);
  // The key of a partition may be named after its parent.
  const found = named?.find((each) => each.table === table) ?? named?.[0];
  const doubt = fragile ? found && (await doubtAbout(client, found)) : UNKNOWN;
  if (doubt) doubts.set(error, doubt);
}

/** The same of a row that COPY refused: a generated column that was computed to null. @param columns those that hold stored values */
export function rememberGenerated(error: unknown, columns: readonly string[]): void {
  if (!(error instanceof pg.DatabaseError) || error.code !== NOT_NULL) return;
  if (error.column === undefined || columns.includes(error.column)) return;
  doubts.set(error, {
    suspect: 'restored code',
    because: `column ${error.column} is generated, and the scratch server computed null for it`,
    next: LOOK_IN_THE_SOURCE,
  });
}

async function doubtAbout(
  client: pg.Client,
  { because, collations }: FragileConstraint,
): Promise<Doubt | undefined> {
  const differing =
    collations.length === 0 ? [] : await differingVersions(client, collations).catch(() => null);
  if (differing === null)
    return {
      suspect: 'scratch server',
      because: 'the constraint compares texts by a collation whose version the server no longer tells',
      next: 'run the restore test again',
    };
  if (differing.length > 0)
    return {
      suspect: 'scratch server',
      because: `the constraint compares texts by a collation of another version there: ${differing.join(', ')}`,
      next: `${LOOK_IN_THE_SOURCE}: give the scratch server the library of the source`,
    };
  return because === null ? undefined : { suspect: 'restored code', because, next: LOOK_IN_THE_SOURCE };
}

async function differingVersions(
  client: pg.Client,
  collations: FragileConstraint['collations'],
): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; name: string; actual: string | null }>(
    selectCollations(await serverVersionOf(client)),
  );
  return collations.flatMap(({ schema, name, versions }) => {
    const here = rows.find((each) => each.schema === schema && each.name === name)?.actual ?? 'none';
    const alike = versions.every((version) => version === here);
    return alike ? [] : [`${name} is ${versions.join(' or ')} in the source and ${here} there`];
  });
}
