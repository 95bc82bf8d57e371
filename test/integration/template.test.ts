import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { workFolder } from '../../local/folders.ts';
import { ensurePython } from '../../local/python/ensure-python.ts';
import { derive } from '../../resources/derive.ts';
import { countResources } from '../../resources/resource-limit.ts';
import { parsePlan } from '../../shared/plan/load.ts';
import type { StackRole } from '../../shared/plan/stack-role.ts';
import { acceptedIn } from './support/checkov-accepted.ts';
import { type Packaged, packageFor, STANDBY, type TemplateResource } from './support/packaged.ts';
import { type Statement, statementsOf } from './support/statements.ts';

const run = promisify(execFile);
const STACKS: [plan: string, role: StackRole][] = [
  ['plans/mailblast.yml', 'primary'],
  ['plans/mailblast.yml', 'standby'],
  ['plans/marimo-erp.yml', 'alone'],
];

/** A copy of the plan. MailBlast's has a trail of its vault and networks in both Regions, so that its template has every kind of resource. */
async function copyOf(plan: string): Promise<string> {
  const copy = parse(await readFile(plan, 'utf8'));
  if (plan.includes('mailblast')) {
    copy.vault.trail = { of: 'changes' };
    copy.regions.standbyNetwork = {
      subnets: ['subnet-0d1e2f3a4b5c60009'],
      securityGroups: ['sg-0d1e2f3a4b5c60009'],
    };
  }
  await mkdir(workFolder, { recursive: true });
  const file = path.join(await mkdtemp(path.join(workFolder, 'plan-')), path.basename(plan));
  await writeFile(file, stringify(copy));
  return file;
}

describe.each(STACKS)('the template packaged for %s, %s', (plan, role) => {
  let copied: string;
  let packaged: Packaged;
  let statements: Statement[];
  beforeAll(async () => {
    copied = await copyOf(plan);
    packaged = await packageFor(copied, role);
    statements = statementsOf(packaged.resources);
  });
  afterAll(async () => {
    await packaged?.remove();
    if (copied) await rm(path.dirname(copied), { recursive: true });
  });

  const inStandby = role === 'standby';
  const ofType = (type: string): TemplateResource[] =>
    Object.values(packaged.resources).filter((resource) => resource.Type === type);

  test('is what AWS accepts, by its own resource schemas', async () => {
    const python = await ensurePython('lint');
    // cfn-lint reads the definitions of machines before CloudFormation fills in their substitutions.
    const filled = `${packaged.templateFile}.filled.json`;
    const template = await readFile(packaged.templateFile, 'utf8');
    await writeFile(filled, template.replaceAll(`\${Partition}:states:::`, 'aws:states:::'));
    // W3005: osls itself writes DependsOn beside a reference that says the same.
    const arguments_ = ['--format', 'parseable', '--ignore-checks', 'W3005', '--', filled];
    const main = 'import sys; from cfnlint.runner import main; sys.exit(main())';
    const lint = run(python, ['-c', main, ...arguments_], { maxBuffer: 1e8 });
    await expect(lint.catch(({ stdout, stderr }) => ({ stdout, stderr }))).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  }, 120_000);

  // The plan with every kind of resource. The environment of checkov is large, and made when a test first asks for it.
  test.runIf(plan.includes('mailblast'))(
    'has no setting that checkov finds insecure, but for those with a reason',
    async () => {
      const python = await ensurePython('checkov');
      const script = path.join(import.meta.dirname, 'support', 'insecure_settings.py');
      const { stdout } = await run(python, [script, packaged.templateFile], { maxBuffer: 1e8 });
      const found = (JSON.parse(stdout) as [string, string][]).map((finding) => finding.join(' ')).sort();
      const all = acceptedIn(role, (id) => id in packaged.resources);
      const accepted = all.flatMap(({ check, on }) => on.map((id) => `${check} ${id}`)).sort();
      expect(found).toEqual(accepted);
    },
    300_000,
  );

  test('has as many resources as are counted before it is deployed', async () => {
    const derived = derive(parsePlan(readFileSync(copied, 'utf8'), copied), role);
    expect(Object.keys(packaged.resources)).toHaveLength(await countResources(derived));
  });

  test('carries the machines word for word', async () => {
    const machines = inStandby ? [] : ['backup', 'replay', 'rehydrate'];
    for (const machine of [...machines, 'restore-test', 'restore']) {
      const written = JSON.parse(await readFile(`state-machines/${machine}.asl.json`, 'utf8'));
      const definitions = ofType('AWS::StepFunctions::StateMachine').map(
        ({ Properties }) => Properties.Definition,
      );
      expect(definitions).toContainEqual(written);
    }
  });

  test('names no partition: the same template is deployed in China and in GovCloud', () => {
    const ofThisStack = JSON.stringify(packaged.resources).replaceAll(STANDBY.LIFEBOAT_STANDBY_KEY, '');
    expect(ofThisStack).not.toMatch(/arn:aws[-:]/);
  });

  test('locks, versions, encrypts and closes the vault, and admits TLS alone', () => {
    const { Vault, VaultPolicy } = packaged.resources;
    expect(Vault?.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(VaultPolicy?.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('gives every function and every machine a role of its own', () => {
    const roles = [
      ...ofType('AWS::Lambda::Function').map(({ Properties }) => Properties.Role),
      ...ofType('AWS::StepFunctions::StateMachine').map(({ Properties }) => Properties.RoleArn),
    ].map((role) => JSON.stringify(role));
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles.length).toBeGreaterThan(inStandby ? 15 : 20);
  });

  test('allows no wildcard action, and the resource "*" only where AWS knows no ARN', () => {
    const wildcards = statements.filter(({ actions }) => actions.some((action) => action.includes('*')));
    expect(wildcards).toEqual([]);
    const everywhere = statements.filter(({ resources }) => resources.some((resource) => resource === '"*"'));
    const allowed = new Set(
      everywhere.flatMap(({ actions }) =>
        actions.map((action) => (action.startsWith('sns:') ? action : action.split(':')[0])),
      ),
    );
    // Network interfaces (by Lambda itself), log deliveries and traces (by Step Functions itself), subscriptions.
    const subscriptions = role === 'primary' ? ['sns:GetSubscriptionAttributes'] : [];
    expect([...allowed].sort()).toEqual(['ec2', 'logs', ...subscriptions, 'xray']);
  });

  test('puts every function that reaches a database or a target of the plan into its network, and no other', () => {
    const inNetwork = ofType('AWS::Lambda::Function')
      .filter(({ Properties }) => Properties.VpcConfig)
      .map(({ Properties }) => Properties.Handler.split('/')[1]);
    const restoring = [
      'create-scratch',
      'drop-scratch',
      'hand-over',
      'load-scratch',
      'read-instance',
      'sweep-scratch',
      'validate-instance',
      'validate-restore',
      ...(inStandby ? ['measure-replica'] : []),
    ];
    const others = [
      'compare-copy',
      'copy-database',
      'drain-queue',
      'inspect-queue',
      'rehydrate-queue',
      'write-heartbeat',
    ];
    expect(inNetwork.sort()).toEqual([...restoring, ...(inStandby ? [] : others)].sort());
  });

  test('logs and traces every execution', () => {
    for (const { Properties } of ofType('AWS::StepFunctions::StateMachine'))
      expect(Properties).toMatchObject({
        TracingConfiguration: { Enabled: true },
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      });
  });

  test('lets the role of the schedules start what they start, and nothing else', () => {
    const targets = ofType('AWS::Scheduler::Schedule')
      .map(({ Properties }) => JSON.stringify(Properties.Target.Arn))
      .filter((arn) => !arn.includes('aws-sdk'));
    const allowed = packaged.resources.SchedulerRole?.Properties.Policies.flatMap(
      ({ PolicyDocument }: { PolicyDocument: { Statement: { Action: string; Resource: object[] }[] } }) =>
        PolicyDocument.Statement.filter(({ Action }) => /StartExecution|InvokeFunction/.test(Action)).flatMap(
          ({ Resource }) => Resource.map((each) => JSON.stringify(each)),
        ),
    );
    expect(targets).not.toEqual([]);
    for (const target of new Set(targets)) expect(allowed).toContain(target);
    // The permissions stand in the template, whatever the plan schedules.
    expect(allowed).toHaveLength({ primary: 8, alone: 7, standby: 5 }[role]);
  });

  test('tags the key, by which the rights of who deploys can be restricted', () => {
    const { workload } = parsePlan(readFileSync(plan, 'utf8'), plan);
    expect(packaged.resources.VaultKey?.Properties.Tags).toContainEqual({
      Key: 'lifeboat:workload',
      Value: workload,
    });
  });

  test('keeps key, vault, its policy and tables, but not those of a first deployment that is rolled back', () => {
    const kept = Object.entries(packaged.resources).filter(([, each]) => each.DeletionPolicy !== undefined);
    expect(
      kept
        .map(([id, { DeletionPolicy, UpdateReplacePolicy }]) => [id, DeletionPolicy, UpdateReplacePolicy])
        .sort(),
    ).toEqual(
      [
        ...(inStandby ? [] : ['Journal', 'Ledger']),
        ...(plan.includes('mailblast') ? ['TrailBucket', 'TrailBucketPolicy'] : []),
        ...['Vault', 'VaultKey', 'VaultPolicy'],
      ].map((id) => [id, 'RetainExceptOnCreate', 'Retain']),
    );
  });

  test('lets a service assume a role for the resource alone that the role is made for', () => {
    for (const [id, { Properties }] of Object.entries(packaged.resources).filter(
      ([, { Type }]) => Type === 'AWS::IAM::Role',
    )) {
      const [{ Principal, Condition = {} }] = Properties.AssumeRolePolicyDocument.Statement;
      // Lambda is not documented to send the ARN of the function when it assumes the function's role.
      // Nor is S3 to send anything when it replicates.
      if (['lambda.amazonaws.com', 's3.amazonaws.com'].includes(Principal.Service)) continue;
      expect(JSON.stringify(Condition), id).toMatch(/aws:SourceAccount.*aws:SourceArn/);
    }
  });

  test.runIf(inStandby)('has no table of its own: AWS lets one stack alone own a global table', () => {
    const types = Object.values(packaged.resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::DynamoDB::'))).toEqual([]);
  });

  test.skipIf(inStandby).each(['Journal', 'Ledger'])(
    'keeps point-in-time recovery of the %s on, in each Region',
    (table) => {
      const { Replicas = [], ...alone } = packaged.resources[table]?.Properties ?? {};
      const on = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } };
      if (role === 'alone') expect(alone).toMatchObject(on);
      else
        expect(Replicas).toEqual([
          { Region: 'us-east-1', ...on },
          { Region: 'us-west-2', ...on },
        ]);
    },
  );

  test.skipIf(inStandby)('lets what is in the ledger expire', () => {
    expect(packaged.resources.Ledger?.Properties.TimeToLiveSpecification).toEqual({
      AttributeName: 'expiration',
      Enabled: true,
    });
  });

  test.skipIf(inStandby)('has every alarm that starts a replay reach the function that starts it', () => {
    const { RecoverySubscription, RecoveryPermission } = packaged.resources;
    const topic = { Ref: 'RecoveryTopic' };
    const start = { 'Fn::GetAtt': ['StartReplayLambdaFunction', 'Arn'] };
    expect(RecoverySubscription?.Properties).toEqual({
      TopicArn: topic,
      Protocol: 'lambda',
      Endpoint: start,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['LostEvents', 'Arn'] } },
    });
    expect(RecoveryPermission?.Properties).toMatchObject({ FunctionName: start, SourceArn: topic });
    const alarms = ofType('AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties.Namespace === 'AWS/SQS' && Properties.Statistic === 'Minimum',
    );
    expect(alarms).toHaveLength(plan.includes('mailblast') ? 1 : 0);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toContainEqual(topic);
  });

  test('holds no password and no endpoint', () => {
    const text = JSON.stringify(packaged.resources);
    expect(text).not.toMatch(/password|postgres:\/\/|127\.0\.0\.1|localhost/i);
  });
});
