import { describe, expect, it } from 'vitest';
import { StackNotFound } from '../../../cli/aws/deployment.ts';
import { explain } from '../../../cli/explain.ts';
import { Interrupted } from '../../../cli/interruption.ts';
import { WrongUsage } from '../../../cli/usage.ts';
import { SecretUnusable } from '../../../shared/aws/read-secret.ts';
import { ServiceUnreachable } from '../../../shared/aws/service-unreachable.ts';
import { ManifestDamaged } from '../../../shared/backup/logical/manifest.ts';
import { LedgerUnavailable } from '../../../shared/ledger/ledger.ts';
import { NotInPlan } from '../../../shared/plan/lookup.ts';
import { QueueForbidden } from '../../../shared/replay/queue/dead-letter-queue.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

describe('an error as a person is told it', () => {
  it('asks for credentials where there are none', () => {
    const { hint, exitCode } = explain(named('CredentialsProviderError', 'none found'), {});
    expect(hint).toContain('AWS_PROFILE');
    expect(exitCode).toBe(3);
  });

  it('names the endpoint that does not answer', () => {
    const { message, hint } = explain(refused, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(message).toContain('http://127.0.0.1:1');
    expect(hint).toContain('unset AWS_ENDPOINT_URL');
  });

  it('speaks of the network where AWS itself does not answer', () => {
    expect(explain(refused, {}).hint).toContain('AWS_REGION');
  });

  it('says which call it was, where the client knows it', () => {
    const call = { service: 'S3', action: 'GetObject', region: 'eu-west-1' };
    const unreachable = (mayBeDone: boolean, cause: Error) =>
      new ServiceUnreachable(call, { mayBeDone, subnets: [], cause });
    expect(explain(unreachable(false, refused), {})).toMatchObject({
      name: 'AwsUnreachable',
      message: 'AWS cannot be reached from here (ECONNREFUSED)',
    });
    expect(explain(unreachable(true, named('TimeoutError', 'no answer in 60 s')), {})).toMatchObject({
      name: 'ServiceUnreachable',
      message: expect.stringMatching(/^S3 GetObject in Region eu-west-1: no response \(no answer in 60 s\)/),
      hint: 'The service failed. Run it again.',
      exitCode: 3,
    });
    const slow = named('TimeoutError', 'the socket did not establish a connection in 3000 ms');
    expect(explain(unreachable(false, slow), { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toMatchObject({
      name: 'EndpointUnreachable',
      message: expect.stringMatching(/AWS_ENDPOINT_URL.*S3 GetObject/),
    });
  });

  it('finds the refusal in the list that Node gives for a name with several addresses', () => {
    expect(explain(new AggregateError([refused]), {}).name).toBe('AwsUnreachable');
  });

  it('is a wrong call, exit code 2, where the plan has no such database', () => {
    expect(explain(new NotInPlan('the plan has no database "x"'), {})).toMatchObject({
      exitCode: 2,
      hint: null,
    });
  });

  it('is a wrong call where nothing is deployed, with the command that deploys', () => {
    const name = {
      workload: 'mailblast',
      stage: 'prod',
      region: 'us-east-1',
      planPath: 'plans/mailblast.yml',
    };
    const { hint, exitCode } = explain(new StackNotFound('lifeboat-mailblast-prod', name), {});
    expect(hint).toContain('npx lifeboat deploy plans/mailblast.yml --stage prod');
    expect(exitCode).toBe(2);
  });

  it.each([
    [new QueueForbidden('no'), 3],
    [new LedgerUnavailable('no'), 3],
    [new ManifestDamaged('no'), 3],
    [new SecretUnusable('app/database', 'is not JSON'), 2],
  ])('has the exit code of its kind: %s', (error, exitCode) => {
    expect(explain(error, {})).toMatchObject({ name: error.name, message: error.message, exitCode });
  });

  it('has the hint that the error gives', () => {
    const hint = 'Give --database.';
    expect(explain(new WrongUsage('which database?', { hint }), {})).toMatchObject({ hint, exitCode: 2 });
  });

  it('of AWS says what to do: wait when throttled, ask when denied, log in when not accepted', () => {
    expect(explain(named('ThrottlingException', 'Rate exceeded'), {}).hint).toContain('Wait');
    expect(explain(named('AccessDeniedException', 'no'), {}).hint).toContain('allowed');
    const expired = Object.assign(named('ExpiredTokenException', 'expired'), { $metadata: {} });
    expect(explain(expired, {})).toMatchObject({
      message: 'AWS does not accept the credentials: expired',
      hint: expect.stringContaining('aws sso login'),
    });
  });

  it('is 130 for Ctrl-C', () => {
    expect(explain(new Interrupted('Interrupted.'), {}).exitCode).toBe(130);
  });

  it('is never exit code 1, which says that a backup is bad, when nothing is known of the error', () => {
    expect(explain(new TypeError('x is not a function'), {}).exitCode).toBe(3);
    expect(explain('thrown text', {})).toMatchObject({ message: 'thrown text', exitCode: 3 });
  });
});
