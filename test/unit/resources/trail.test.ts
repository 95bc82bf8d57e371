import { describe, expect, test } from 'vitest';
import { deriveTrail } from '../../../resources/trail.ts';
import { planOf } from './plan-fixture.ts';

const trailOf = (trail: object | undefined, lock = 'governance') =>
  // biome-ignore lint/suspicious/noExplicitAny: resources of CloudFormation
  deriveTrail(planOf({ vault: { lock, ...(trail ? { trail } : {}) } })) as Record<string, any>;

describe('the trail of the vault', () => {
  test('is not there unless the plan wants it: it costs', () => {
    expect(trailOf(undefined)).toEqual({});
  });

  test.each([
    ['changes', [{ Field: 'readOnly', Equals: ['false'] }]],
    ['everything', []],
  ])('records %s of the objects of the vault, and of no other bucket', (of, further) => {
    const { Trail } = trailOf({ of });
    expect(Trail.Properties.IsLogging).toBe(true);
    expect(Trail.Properties.AdvancedEventSelectors).toEqual([
      {
        Name: 'Objects of the vault',
        FieldSelectors: [
          { Field: 'eventCategory', Equals: ['Data'] },
          { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
          { Field: 'resources.ARN', StartsWith: [{ 'Fn::Sub': `\${Vault.Arn}/` }] },
          ...further,
        ],
      },
    ]);
  });

  test.each([
    ['governance', 'GOVERNANCE'],
    ['compliance', 'COMPLIANCE'],
  ])('is locked for %s as long as it is kept, and stays when the stack goes', (lock, Mode) => {
    const { TrailBucket, TrailBucketPolicy } = trailOf({ of: 'changes', retention: '90d' }, lock);
    expect(TrailBucket.Properties.ObjectLockConfiguration.Rule.DefaultRetention).toEqual({ Mode, Days: 90 });
    expect(TrailBucket.Properties.LifecycleConfiguration.Rules).toMatchObject([{ ExpirationInDays: 90 }]);
    for (const { DeletionPolicy } of [TrailBucket, TrailBucketPolicy])
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('is written by CloudTrail for this trail alone, and deleted by nobody', () => {
    const { Statement } = trailOf({ of: 'changes' }).TrailBucketPolicy.Properties.PolicyDocument;
    const allowed = Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(allowed).toHaveLength(2);
    for (const { Principal, Condition } of allowed) {
      expect(Principal).toEqual({ Service: 'cloudtrail.amazonaws.com' });
      expect(JSON.stringify(Condition.StringEquals['aws:SourceArn'])).toContain(
        `trail/\${AWS::StackName}-vault`,
      );
    }
    expect(Statement).toContainEqual(expect.objectContaining({ Sid: 'NoDeletes', Effect: 'Deny' }));
  });
});
