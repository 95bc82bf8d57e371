import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { methodNameOf, openRecoveryPoints } from '../../shared/backup/open-method.ts';
import { rdsPointsOf } from '../../shared/backup/open-rds-points.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';
import { chooseMoment } from '../../shared/backup/rds-point-in-time/choose-moment.ts';
import { findRecoveryPoint } from '../../shared/backup/recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { backupOf, databaseOf, restoreTestOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, plannedSource } from '../../shared/restore/made-for.ts';
import { RecoveryPointChosen } from '../../shared/restore/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Chooses and reads the recovery point to restore, so that a bad one is found before anything is created. */
export const handler = task(
  {
    name: 'choose-recovery-point',
    input: RunReference.extend({
      ...MadeFor.shape,
      /** `newest`, `newest verified`, `random`, the id of a recovery point, or `as planned`. */
      choose: z.string(),
      /** Onset of the incident, or the start of the run: later snapshots are used only when named. */
      before: z.iso.datetime(),
    }),
    output: RecoveryPointChosen,
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...DeploymentSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, DEPLOYMENT }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const stores = { vault, rdsPoints: rdsPointsOf(plan, DEPLOYMENT, (region) => rdsClient({ region })) };
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return ({ runId, choose, before, ...madeFor }) =>
      timed(systemClock, async () => {
        const { database, backup } = plannedSource(plan, madeFor);
        const kept = backupOf(databaseOf(plan, database), backup);
        const points = openRecoveryPoints(methodNameOf(kept), { database, backup }, stores);
        const wanted =
          choose === 'as planned' ? restoreTestOf(plan, madeFor.restoreTest ?? '').from.choose : choose;
        const isRule = wanted === 'newest' || wanted === 'newest verified' || wanted === 'random';
        const verified =
          wanted === 'newest verified' ? await verifiedIds(journal, { database, backup }) : undefined;
        const choice = !isRule ? { id: wanted } : wanted === 'random' ? 'random' : 'newest';
        const moment =
          methodNameOf(kept) === 'pointInTime'
            ? await chooseMoment(
                { points, journal },
                { database, backup },
                {
                  choice: verified ? { newestOf: verified } : choice,
                  runId,
                  before: new Date(before),
                },
              )
            : null;
        const { point, candidates, hidden } = await findRecoveryPoint(
          points,
          { database, backup },
          {
            choice: moment ? { id: moment.id } : choice,
            verified,
            runId,
            before: new Date(before),
            now: systemClock.now(),
            retention: kept.retention,
          },
        );
        return {
          database,
          backup,
          recoveryPoint: point.id,
          snapshotAt: point.takenAt.toISOString(),
          candidates,
          hidden: hidden.slice(0, 10),
          ...(moment && { between: moment.between && inWords(moment.between) }),
        };
      });
  },
);

function inWords({ before, after }: { before: Date; after: Date }) {
  return { before: before.toISOString(), after: after.toISOString() };
}

/** More than are kept: hourly backups of a year. */
const ALL = 10_000;

async function verifiedIds(
  journal: Pick<Journal, 'recoveryPoints'>,
  of: BackupPlace,
): Promise<ReadonlySet<string>> {
  const known = await journal.recoveryPoints(of, ALL);
  return new Set(known.flatMap(({ verified, recoveryPoint }) => (verified ? [recoveryPoint] : [])));
}
