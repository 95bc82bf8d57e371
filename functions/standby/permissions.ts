import { allow, listPart, objectsOf, readSecrets, type Statement, VAULT_KEY } from '../../resources/iam.ts';
import {
  copySecrets,
  databaseSecrets,
  instanceAuthorities,
  redisSecrets,
  sourceSecrets,
  webhookSecrets,
} from '../../resources/plan-secrets.ts';
import { rdsArn } from '../../resources/rds-permissions.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { replicasOf } from '../../shared/replica/measure-replica.ts';

export function measureReplication(): Statement[] {
  return [
    listPart('manifests'),
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    // To ask for the state of a version is to read it, by IAM's names.
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
  ];
}

export function measureReplica(plan: Plan): Statement[] {
  const planned = replicasOf(plan);
  const { standby } = plan.regions;
  return [
    allow(
      ['rds:DescribeDBInstances'],
      planned.map(({ replica }) => rdsArn(standby, `db:${replica}`)),
    ),
    // A replica has the logins of its source.
    ...readSecrets(planned.map(({ database }) => databaseSecrets(plan, database))),
  ];
}

export function checkSecrets(plan: Plan): Statement[] {
  return readSecrets([
    ...sourceSecrets(plan),
    ...copySecrets(plan),
    ...instanceAuthorities(plan),
    ...Object.values(plan.replays).flatMap(webhookSecrets),
    ...Object.values(plan.rehydrations).flatMap(redisSecrets),
  ]);
}
