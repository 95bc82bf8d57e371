import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { findLabelled } from '../../shared/backup/find-labelled.ts';
import { Label } from '../../shared/backup/label.ts';
import { methodNameOf, openRecoveryPoints } from '../../shared/backup/open-method.ts';
import { rdsPointsOf } from '../../shared/backup/open-rds-points.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';
import { chooseMoment } from '../../shared/backup/rds-point-in-time/choose-moment.ts';
import { findRecoveryPoint, LabelAmbiguous } from '../../shared/backup/recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import {
  DeploymentSettings,
  JournalSettings,
  RegionSettings,
  VaultSettings,
} from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { backupOf, databaseOf, restoreTestOf } from '../../shared/plan/lookup.ts';
import { regionRoleOf } from '../../shared/plan/region-role.ts';
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
      /** Only recovery points that have this label. Goes with `newest` and `newest verified`. */
      label: Label.nullish(),
      /** Onset of the incident, or the start of the run: later snapshots are used only when named. */
      before: z.iso.datetime(),
    }),
    output: RecoveryPointChosen,
    environment: VaultSettings.extend({
      ...JournalSettings.shape,
      ...DeploymentSettings.shape,
      ...RegionSettings.shape,
    }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, DEPLOYMENT, AWS_REGION }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const pointsIn = rdsPointsOf(plan, DEPLOYMENT, (region) => rdsClient({ region }));
    // What RDS makes an instance of is in the Region of the instance.
    const role = regionRoleOf(plan, AWS_REGION);
    const stores = { vault, rdsPoints: (of: BackupPlace) => pointsIn(of, role) };
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return ({ runId, choose, label, before, ...madeFor }) =>
      timed(systemClock, async () => {
        const { database, backup } = plannedSource(plan, madeFor);
        const kept = backupOf(databaseOf(plan, database), backup);
        const points = openRecoveryPoints(methodNameOf(kept), { database, backup }, stores);
        const wanted =
          choose === 'as planned' ? restoreTestOf(plan, madeFor.restoreTest ?? '').from.choose : choose;
        const isRule = wanted === 'newest' || wanted === 'newest verified' || wanted === 'random';
        const everVerified =
          label || wanted === 'newest verified'
            ? await verifiedIds(journal, { database, backup })
            : new Set<string>();
        const verified = wanted === 'newest verified' ? everVerified : undefined;
        const choice = !isRule ? { id: wanted } : wanted === 'random' ? 'random' : 'newest';
        if (label && (!isRule || wanted === 'random'))
          throw new LabelAmbiguous(
            `label "${label}" and choose "${wanted}" name different recovery points: give one of the two, or choose newest or newest verified`,
          );
        const labelled = label
          ? { label, ...(await findLabelled({ points, journal }, { database, backup }, label)) }
          : undefined;
        const moment =
          methodNameOf(kept) === 'pointInTime'
            ? await chooseMoment(
                { points, journal },
                { database, backup },
                {
                  choice: momentsAmong(verified, labelled) ?? choice,
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
            labelled: moment ? undefined : labelled,
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
          ...(labelled && {
            labelled: {
              label: labelled.label,
              points: moment ? labelled.ids.length : candidates,
              verified: everVerified.has(point.id),
            },
          }),
          ...(moment && { between: moment.between && inWords(moment.between) }),
        };
      });
  },
);

/** The moments to take the newest of; null where any moment may be chosen. */
function momentsAmong(
  verified: ReadonlySet<string> | undefined,
  labelled: { readonly label: string; readonly ids: readonly string[] } | undefined,
) {
  if (!labelled) return verified ? { newestOf: verified, words: 'that a restore test verified' } : null;
  const newestOf = new Set(labelled.ids.filter((id) => !verified || verified.has(id)));
  const proven = verified ? ' that a restore test verified' : '';
  return { newestOf, words: `with the label "${labelled.label}"${proven}` };
}

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
