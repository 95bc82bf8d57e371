import { databaseOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';

/** The secrets that lead to the databases of the plan, of which backups are taken. */
export function sourceSecrets({ databases }: Plan): string[] {
  return Object.values(databases).flatMap(({ postgres: { secret, certificateAuthority } }) => [
    secret,
    certificateAuthority,
  ]);
}

/** The secrets that lead to the servers of the scratch databases. They open no source. */
export function scratchSecrets({ restoreTests }: Plan): string[] {
  return Object.values(restoreTests).flatMap(({ into: { scratchDatabase } }) => [
    scratchDatabase.secret,
    scratchDatabase.certificateAuthority,
  ]);
}

/** The secrets that lead to one database of the plan. */
export function databaseSecrets(plan: Plan, name: string): string[] {
  const { secret, certificateAuthority } = databaseOf(plan, name).postgres;
  return [secret, certificateAuthority];
}
