import * as z from 'zod';
import { readManifest } from '../../shared/backup/manifest.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { Phase, timed } from '../../shared/journal/phase.ts';
import { RunReference } from '../../shared/journal/run.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { chooseRecoveryPoint, listRecoveryPoints } from '../../shared/restore-test/choose-recovery-point.ts';
import { s3Vault, vaultClient } from '../../shared/storage/s3-vault.ts';

/** Chooses which recovery point is tested and reads its manifest, so that a bad one is found before anything is made. */
export const handler = task(
  {
    name: 'choose-recovery-point',
    input: RunReference.extend({
      database: z.string(),
      /** `newest`, `random`, the id of a recovery point, or `as planned`. */
      choose: z.string(),
    }),
    output: Phase.extend({
      backup: z.string(),
      recoveryPoint: z.string(),
      snapshotAt: z.iso.datetime(),
      candidates: z.number().int(),
    }),
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(vaultClient(), VAULT_BUCKET, plan.vault.lock);
    return ({ runId, database, choose }) =>
      timed(systemClock, async () => {
        const { restoreTest } = databaseOf(plan, database);
        const { backup } = restoreTest;
        const wanted = choose === 'as planned' ? restoreTest.choose : choose;
        const ids = await listRecoveryPoints(vault, { database, backup });
        const choice = wanted === 'newest' || wanted === 'random' ? wanted : { id: wanted };
        const recoveryPoint = chooseRecoveryPoint(ids, choice, runId);
        const { snapshotAt } = await readManifest(vault, { database, backup, id: recoveryPoint });
        return { backup, recoveryPoint, snapshotAt, candidates: ids.length };
      });
  },
);
