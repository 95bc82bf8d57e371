import { createClients } from '../../../cli/aws/clients.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import type { Workload } from '../../../cli/workload.ts';
import { dynamoJournal } from '../../../shared/journal/dynamo-journal.ts';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';

/** The plan of MailBlast as if it were deployed. Its clients speak to the endpoint alone. */
export async function deployedWorkload(endpoint = 'http://127.0.0.1:9'): Promise<Workload> {
  const found = await findPlan('mailblast');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const clients = createClients({ region: 'us-east-1', endpoint, credentials });
  const { plan } = found;
  const stackName = 'lifeboat-mailblast-prod';
  return {
    plan,
    planPath: found.path,
    stage: 'prod',
    region: 'us-east-1',
    deployment: {
      stackName,
      machines: {
        backup: 'arn:backup',
        'restore-test': 'arn:restore-test',
        replay: 'arn:replay',
        rehydrate: 'arn:rehydrate',
      },
      vaultBucket: 'vault',
      journalTable: 'journal',
      ledgerTable: 'ledger',
      topics: { outcomes: 'arn:outcomes', alarms: 'arn:alarms' },
      startReplay: `${stackName}-start-replay`,
      replicatedTo: null,
      measureReplica: 'lifeboat-mailblast-prod-measure-replica',
      failoverTable: null,
      compareCopy: 'lifeboat-mailblast-prod-compare-copy',
      changeFence: 'lifeboat-mailblast-prod-change-fence',
    },
    clients,
    journal: dynamoJournal(clients.dynamodb, 'journal', plan.workload),
    vault: s3Vault(clients.s3, 'vault', 'governance'),
    close: () => clients.destroy(),
  };
}
