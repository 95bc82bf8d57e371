import { LifeboatError } from '../errors/lifeboat-error.ts';

/** The lease of a database was granted, and the database has no fence that could use it. */
export class LeaseNotRenewed extends LifeboatError {
  override readonly name = 'LeaseNotRenewed';
  override readonly kind = 'missing';

  constructor(database: string, gaps: readonly string[], cause: Error | null) {
    const why = gaps.length > 0 ? gaps.join('; ') : 'it was ended or lifted';
    super(`the fence of database "${database}" takes no lease: ${why}`, {
      ...(cause && { cause }),
      hint: 'Look at it: lifeboat fence show. Install it, or take the lease out of the plan.',
    });
  }
}
