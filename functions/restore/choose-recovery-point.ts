import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { findRecoveryPoint } from '../../shared/backup/recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { backupOf, databaseOf, restoreTestOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { RecoveryPointChosen } from '../../shared/restore/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Chooses and reads the recovery point to test, so that a bad one is found before anything is created. */
export const handler = task(
  {
    name: 'choose-recovery-point',
    input: RunReference.extend({
      restoreTest: z.string(),
      /** `newest`, `random`, the id of a recovery point, or `as planned`. */
      choose: z.string(),
      /** Onset of the incident, or the start of the run: later snapshots are used only when named. */
      before: z.iso.datetime(),
    }),
    output: RecoveryPointChosen,
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const points = logicalRecoveryPoints(vault);
    return ({ runId, restoreTest, choose, before }) =>
      timed(systemClock, async () => {
        const { database, backup, choose: planned } = restoreTestOf(plan, restoreTest).from;
        const wanted = choose === 'as planned' ? planned : choose;
        const { point, candidates, hidden } = await findRecoveryPoint(
          points,
          { database, backup },
          {
            choice: wanted === 'newest' || wanted === 'random' ? wanted : { id: wanted },
            runId,
            before: new Date(before),
            now: systemClock.now(),
            retention: backupOf(databaseOf(plan, database), backup).retention,
          },
        );
        return {
          database,
          backup,
          recoveryPoint: point.id,
          snapshotAt: point.takenAt.toISOString(),
          candidates,
          hidden: hidden.slice(0, 10),
        };
      });
  },
);
