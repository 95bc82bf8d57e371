import { describe, expect, it } from 'vitest';
import { StackNotFound } from '../../../cli/aws/deployment.ts';
import { explain } from '../../../cli/explain.ts';
import { Interrupted } from '../../../cli/interruption.ts';
import { NotInPlan } from '../../../shared/plan/lookup.ts';

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
    const { message, exitCode } = explain(new StackNotFound('lifeboat-mailblast-prod', name), {});
    expect(message).toContain('LIFEBOAT_PLAN=plans/mailblast.yml npx serverless deploy --stage prod');
    expect(exitCode).toBe(2);
  });

  it('is 130 for Ctrl-C', () => {
    expect(explain(new Interrupted('Interrupted.'), {}).exitCode).toBe(130);
  });

  it('is never exit code 1, which says that a backup is bad, when nothing is known of the error', () => {
    expect(explain(new TypeError('x is not a function'), {}).exitCode).toBe(3);
    expect(explain('thrown text', {})).toMatchObject({ message: 'thrown text', exitCode: 3 });
  });
});
