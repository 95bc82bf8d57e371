import { databaseOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';

/** The secrets for the plan's databases that are backed up. */
export function sourceSecrets({ databases }: Plan): string[] {
  return Object.values(databases).flatMap(({ postgres: { secret, certificateAuthority } }) => [
    secret,
    certificateAuthority,
  ]);
}

/** The secrets for the servers of the scratch databases. They give no access to a source. */
export function scratchSecrets({ restoreTests }: Plan): string[] {
  return Object.values(restoreTests).flatMap(({ into: { scratchDatabase } }) => [
    scratchDatabase.secret,
    scratchDatabase.certificateAuthority,
  ]);
}

/** The secrets for one database of the plan. */
export function databaseSecrets(plan: Plan, name: string): string[] {
  const { secret, certificateAuthority } = databaseOf(plan, name).postgres;
  return [secret, certificateAuthority];
}
