import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDeployment, StackIncomplete, StackNotFound } from '../../../cli/aws/deployment.ts';

const cloudformation = mockClient(CloudFormationClient);
const find = () =>
  findDeployment(new CloudFormationClient({ region: 'us-east-1' }), {
    workload: 'mailblast',
    stage: 'prod',
    region: 'us-east-1',
    planPath: 'plans/mailblast.yml',
  });
const stack = (outputs: Record<string, string>) => ({
  Stacks: [
    {
      StackName: 'lifeboat-mailblast-prod',
      CreationTime: new Date('2026-11-01T00:00:00Z'),
      StackStatus: 'CREATE_COMPLETE' as const,
      Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    },
  ],
});
const outputs = {
  BackupMachineArn: 'arn:backup',
  RestoreTestMachineArn: 'arn:restore-test',
  RestoreMachineArn: 'arn:restore',
  VerifyMachineArn: 'arn:verify',
  ReplayMachineArn: 'arn:replay',
  RehydrateMachineArn: 'arn:rehydrate',
  LedgerTable: 'ledger',
  AlertsTopicArn: 'arn:alerts',
  AlarmsTopicArn: 'arn:alarms',
  VaultBucket: 'vault',
  JournalTable: 'journal',
};

beforeEach(() => cloudformation.reset());

describe('the deployment of a plan', () => {
  it('is found by the outputs of the stack that workload and stage name', async () => {
    cloudformation
      .on(DescribeStacksCommand, { StackName: 'lifeboat-mailblast-prod' })
      .resolves(stack({ ...outputs, Another: 'output' }));
    await expect(find()).resolves.toEqual({
      stackName: 'lifeboat-mailblast-prod',
      machines: {
        backup: 'arn:backup',
        'restore-test': 'arn:restore-test',
        restore: 'arn:restore',
        verify: 'arn:verify',
        replay: 'arn:replay',
        rehydrate: 'arn:rehydrate',
      },
      vaultBucket: 'vault',
      journalTable: 'journal',
      ledgerTable: 'ledger',
      topics: { outcomes: 'arn:alerts', alarms: 'arn:alarms' },
      startReplay: 'lifeboat-mailblast-prod-start-replay',
      replicatedTo: null,
      failoverTable: null,
      measureReplica: 'lifeboat-mailblast-prod-measure-replica',
      compareCopy: 'lifeboat-mailblast-prod-compare-copy',
      changeFence: 'lifeboat-mailblast-prod-change-fence',
    });
  });

  it('is not found where CloudFormation knows no such stack', async () => {
    const unknown = Object.assign(new Error('Stack with id lifeboat-mailblast-prod does not exist'), {
      name: 'ValidationError',
    });
    cloudformation.on(DescribeStacksCommand).rejects(unknown);
    await expect(find()).rejects.toThrow(StackNotFound);
  });

  it('is incomplete where outputs are missing, all of them named', async () => {
    cloudformation
      .on(DescribeStacksCommand)
      .resolves(stack({ VaultBucket: 'vault', JournalTable: 'journal' }));
    await expect(find()).rejects.toThrow(StackIncomplete);
    await expect(find()).rejects.toThrow('BackupMachineArn, RestoreTestMachineArn, VerifyMachineArn');
  });

  it('leaves any other refusal as it is', async () => {
    const denied = Object.assign(new Error('not authorized to describe'), { name: 'AccessDenied' });
    cloudformation.on(DescribeStacksCommand).rejects(denied);
    await expect(find()).rejects.toThrow('not authorized to describe');
  });
});
