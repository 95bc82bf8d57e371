import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMailblast } from '../../local/sample/load-mailblast.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { type Packaged, packageFor } from './support/packaged.ts';
import { statementsOf } from './support/statements.ts';

let stack: Deployed;
let packaged: Packaged;
let iam: IAMClient;

beforeAll(async () => {
  [stack, packaged] = await Promise.all([
    deploy({ plan: 'plans/mailblast.yml', waitScale: 0.02 }),
    packageFor('plans/mailblast.yml'),
  ]);
  const { aws } = stack;
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  iam = new IAMClient({ region: aws.region, endpoint: aws.endpoint, credentials });
  await stack.onSource((client) => loadMailblast(client, { scale: 0.002 }));
});

afterAll(() => Promise.all([stack?.aws.stop(), packaged?.remove()]));

/** Actions that a role allows and that no call through the gateway shows, each with its reason. */
const NOT_SEEN: readonly { actions: RegExp; roles: RegExp; reason: string }[] = [
  { actions: /^logs:/, roles: /./, reason: 'Lambda writes the log by itself' },
  { actions: /^ec2:/, roles: /./, reason: 'Lambda attaches the function to its network by itself' },
  { actions: /^kms:/, roles: /./, reason: 'S3 uses the key on behalf of the caller' },
  {
    actions: /^s3:AbortMultipartUpload$/,
    roles: /^CopyDatabase/,
    reason: 'only an upload that fails is given up',
  },
  {
    actions: /^s3:GetObject$/,
    roles: /^CopyDatabase/,
    reason: 'only a repeated attempt reads what an earlier one completed',
  },
  {
    actions: /^s3:ListBucket$/,
    roles: /^(LoadScratch|ProveStored)/,
    reason: 'decides whether S3 calls a missing object missing or denied',
  },
  {
    actions: /^s3:GetObjectVersion$/,
    roles: /^ValidateRestore/,
    reason: 'only where the schema differs is the stored one read, to say in what',
  },
  {
    actions: /^s3:GetObjectRetention$/,
    roles: /^ProveStored/,
    reason: 'without it S3 leaves the lock out of what HeadObject answers',
  },
];

describe('the roles of the template', () => {
  test('allow all that a backup, a restore test, a heartbeat and a sweep call, and nothing that none of them calls', async () => {
    await stack.invoke('write-heartbeat', { database: 'main' });
    expect(await stack.run('backup')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stack.run('restore-test')).toMatchObject({ status: 'SUCCEEDED' });
    await stack.invoke('sweep-scratch', { database: 'main' });

    const calls = stack.aws.gateway.calls().filter(({ caller }) => caller);
    expect(calls.filter(({ status }) => status === 403 || status === 0)).toEqual([]);
    expect(calls.filter(({ action }) => action.startsWith('unknown:'))).toEqual([]);

    const called = new Set(calls.map(({ caller, action }) => `${logicalRole(caller?.roleName)} ${action}`));
    const unused = statementsOf(packaged.resources)
      .filter(({ role }) => !role.endsWith('MachineRole') && role !== 'SchedulerRole')
      .flatMap(({ role, actions }) => actions.map((action) => ({ role, action })))
      .filter(({ role, action }) => !called.has(`${role} ${action}`));
    const explained = ({ role, action }: { role: string; action: string }) =>
      NOT_SEEN.some(({ actions, roles }) => actions.test(action) && roles.test(role));
    expect(unused.filter((each) => !explained(each))).toEqual([]);
    // A reason that explains nothing any more is a reason too many.
    const idle = NOT_SEEN.filter(
      ({ actions, roles }) => !unused.some((u) => actions.test(u.action) && roles.test(u.role)),
    );
    expect(idle).toEqual([]);
  });
});

describe('with a permission taken away', () => {
  test('a backup that may not write fails, names role and action, and leaves no recovery point', async () => {
    const finished = await without('CopyDatabaseRole', 's3:PutObject', () => stack.run('backup'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'BackupFailed' });
    expect(finished.cause).toMatch(/CopyDatabaseRole.*s3:PutObject/);
    expect(await stack.evidence('backup', finished.runId)).toMatchObject({
      outcome: 'failed',
      recoveryPoint: null,
    });
    expect(await stack.run('restore-test')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a backup that may not read its secret fails and names the secret, the role and the action', async () => {
    const finished = await without('CopyDatabaseRole', 'secretsmanager:GetSecretValue', () =>
      stack.run('backup'),
    );
    expect(finished).toMatchObject({ status: 'FAILED', error: 'BackupFailed' });
    expect(finished.cause).toMatch(
      /secret "mailblast\/database.*CopyDatabaseRole.*secretsmanager:GetSecretValue/,
    );
  });

  test('a restore that may not read the vault is not proven, and its scratch database is gone', async () => {
    const finished = await without('LoadScratchRole', 's3:GetObjectVersion', () => stack.run('restore-test'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreNotProven' });
    expect(finished.cause).toMatch(/LoadScratchRole.*s3:GetObjectVersion/);
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('a teardown that may not reach the server leaves the verdict as it is and says who will clean up', async () => {
    const finished = await without('DropScratchRole', 'secretsmanager:GetSecretValue', () =>
      stack.run('restore-test'),
    );
    expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
    const evidence = await stack.evidence('restore-test', finished.runId);
    expect(evidence.steps.tearDown?.leftToTheSweeper).toMatch(/^SecretUnusable: .*DropScratchRole/);
    expect(await stack.scratchDatabases()).toHaveLength(1);
    await stack.invoke('drop-scratch', {
      runId: finished.runId,
      runStartedAt: evidence.startedAt,
      database: 'main',
    });
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('a run that may not leave evidence ends as not recorded, whatever it did', async () => {
    const finished = await without('RecordRunRole', 's3:PutObject', () => stack.run('backup'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RunNotRecorded' });
    expect(finished.cause).toMatch(/RecordRunRole.*s3:PutObject/);
  });
});

/** The template's name of a role, from the name that CloudFormation made of it. */
function logicalRole(name = ''): string {
  return name.split('-').find((part) => part.endsWith('Role')) ?? name;
}

/** Takes one action out of a role's policies, works, and puts it back. */
async function without<T>(role: string, action: string, work: () => Promise<T>): Promise<T> {
  const RoleName = stack.aws.stack.physicalIds.get(role);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { RoleName, PolicyName, PolicyDocument: decodeURIComponent(PolicyDocument) };
    }),
  );
  const put = (changed: typeof policies) =>
    Promise.all(changed.map((policy) => iam.send(new PutRolePolicyCommand(policy))));
  const reduced = policies.map((policy) => ({
    ...policy,
    PolicyDocument: withoutAction(policy.PolicyDocument, action),
  }));
  expect(reduced).not.toEqual(policies);
  await put(reduced);
  try {
    return await work();
  } finally {
    await put(policies);
  }
}

function withoutAction(document: string, action: string): string {
  const policy = JSON.parse(document);
  policy.Statement = policy.Statement.map((statement: { Action: string | string[] }) => ({
    ...statement,
    Action: [statement.Action].flat().filter((each) => each !== action),
  })).filter(({ Action }: { Action: string[] }) => Action.length > 0);
  return JSON.stringify(policy);
}
