import type { LifecycleRule, TransitionStorageClass } from '@aws-sdk/client-s3';

/** A lifecycle rule in CloudFormation's format, limited to the fields this project uses. */
export interface TemplateLifecycleRule {
  readonly Id?: string;
  readonly Status: 'Enabled' | 'Disabled';
  readonly Prefix?: string;
  readonly TagFilters?: readonly { Key: string; Value: string }[];
  readonly ExpirationInDays?: number;
  readonly ExpiredObjectDeleteMarker?: boolean;
  readonly NoncurrentVersionExpiration?: { NoncurrentDays: number; NewerNoncurrentVersions?: number };
  readonly AbortIncompleteMultipartUpload?: { DaysAfterInitiation: number };
  readonly Transitions?: readonly { StorageClass: TransitionStorageClass; TransitionInDays: number }[];
  readonly NoncurrentVersionTransitions?: readonly {
    StorageClass: TransitionStorageClass;
    TransitionInDays: number;
  }[];
}

const known = new Set([
  'Id',
  'Status',
  'Prefix',
  'TagFilters',
  'ExpirationInDays',
  'ExpiredObjectDeleteMarker',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
  'Transitions',
  'NoncurrentVersionTransitions',
]);

/** The same rule in the S3 API's format, which differs. An unknown field is refused, not dropped. */
export function lifecycleRule(rule: TemplateLifecycleRule): LifecycleRule {
  const strange = Object.keys(rule).filter((key) => !known.has(key));
  if (strange.length > 0) {
    throw new Error(
      `Lifecycle rule ${rule.Id ?? ''} uses ${strange.join(', ')}: add it to local/deploy/lifecycle-rule.ts`,
    );
  }
  const expiration = {
    ...(rule.ExpirationInDays !== undefined && { Days: rule.ExpirationInDays }),
    ...(rule.ExpiredObjectDeleteMarker !== undefined && {
      ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker,
    }),
  };
  return {
    ID: rule.Id,
    Status: rule.Status,
    Filter: rule.TagFilters
      ? { And: { Prefix: rule.Prefix ?? '', Tags: [...rule.TagFilters] } }
      : { Prefix: rule.Prefix ?? '' },
    ...(Object.keys(expiration).length > 0 && { Expiration: expiration }),
    NoncurrentVersionExpiration: rule.NoncurrentVersionExpiration,
    AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
    Transitions: rule.Transitions?.map(({ StorageClass, TransitionInDays }) => ({
      StorageClass,
      Days: TransitionInDays,
    })),
    NoncurrentVersionTransitions: rule.NoncurrentVersionTransitions?.map(
      ({ StorageClass, TransitionInDays }) => ({
        StorageClass,
        NoncurrentDays: TransitionInDays,
      }),
    ),
  };
}
