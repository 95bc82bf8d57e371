import pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';

/** The role of the source may not read some large objects, so a backup would miss them. */
export class LargeObjectsHidden extends LifeboatError {
  override readonly name = 'LargeObjectsHidden';
  override readonly kind = 'forbidden';
}

interface Hidden {
  readonly user: string;
  readonly owner: string;
  readonly bySuperuser: boolean;
  readonly objects: string;
  readonly first: string;
}

/**
 * Checks that the role may read every large object, before one is read. `pg_read_all_data` does not cover them: an object is
 * open to its owner, to members of its owner and to those it was granted to.
 * https://www.postgresql.org/docs/current/lo-implementation.html
 *
 * @throws LargeObjectsHidden naming the owners and the statement to run
 */
export async function refuseUnreadableLargeObjects(client: pg.Client): Promise<void> {
  const { rows } = await client.query<Hidden>(`
    SELECT current_user::text AS user, o.rolname::text AS owner, o.rolsuper AS "bySuperuser", count(*) AS objects,
      min(m.oid)::text AS first
    FROM pg_catalog.pg_largeobject_metadata m JOIN pg_catalog.pg_roles o ON o.oid = m.lomowner
    WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off' AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) granted WHERE granted.privilege_type = 'SELECT'
        AND CASE granted.grantee WHEN 0 THEN true ELSE pg_catalog.pg_has_role(granted.grantee, 'USAGE') END)
    GROUP BY 2, 3 ORDER BY 2`);
  const [one] = rows;
  if (!one) return;
  const owners = rows.map(({ owner, objects, first }) => `${objects} of "${owner}", the first is ${first}`);
  throw new LargeObjectsHidden(
    `the role "${one.user}" may not read large objects (${owners.join('; ')}): a backup would miss them`,
    { hint: `Let the role read them. As a superuser, run: ${rows.map(grant).join('; ')}` },
  );
}

/** A superuser's membership would open everything, so each of its objects is granted instead. */
function grant({ user, owner, bySuperuser }: Hidden): string {
  const to = pg.escapeIdentifier(user);
  if (!bySuperuser) return `GRANT ${pg.escapeIdentifier(owner)} TO ${to}`;
  return `SELECT format('GRANT SELECT ON LARGE OBJECT %s TO ${to}', oid) FROM pg_largeobject_metadata WHERE lomowner = ${pg.escapeLiteral(owner)}::regrole \\gexec`;
}
