import * as sdk from '@aws-sdk/client-rds';
import { arn, type Row, tag, there } from './commands.ts';

/** Requests for events and tags, and how each is refused. */
export const eventAndTagRows: readonly Row[] = [
  // Events
  [
    'a source without its type',
    new sdk.DescribeEventsCommand({ SourceIdentifier: 'plain' }),
    'InvalidParameterCombination',
  ],
  [
    'a duration and a start',
    new sdk.DescribeEventsCommand({ Duration: 5, StartTime: new Date() }),
    'InvalidParameterCombination',
  ],
  [
    'an end before the start',
    new sdk.DescribeEventsCommand({ StartTime: new Date(), EndTime: new Date('2020-01-01') }),
    'InvalidParameterCombination',
  ],
  // Tags
  [
    'nobody',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('db', 'nobody') }),
    'DBInstanceNotFoundFault',
  ],
  ['no ARN', new sdk.ListTagsForResourceCommand({ ResourceName: 'plain' }), 'InvalidParameterValue'],
  [
    'another Region',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('db', 'plain') }),
    'InvalidParameterValue',
    '',
    there,
  ],
  [
    'no snapshot',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('snapshot', 'nothing'), Tags: [] }),
    'DBSnapshotNotFoundFault',
  ],
  [
    'too many',
    new sdk.AddTagsToResourceCommand({
      ResourceName: arn('db', 'plain'),
      Tags: ['a', 'b', 'c', 'd'].map((key) => tag(key)),
    }),
    'InvalidParameterValue',
  ],
  [
    'a key too long',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('db', 'plain'), Tags: [tag('k'.repeat(129))] }),
    'InvalidParameterValue',
  ],
  [
    'nobody',
    new sdk.RemoveTagsFromResourceCommand({ ResourceName: arn('db', 'nobody'), TagKeys: [] }),
    'DBInstanceNotFoundFault',
  ],
  [
    'one that is gone',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('db', 'nobody'), Tags: [] }),
    'DBInstanceNotFoundFault',
  ],
  [
    'no snapshot',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('snapshot', 'nothing') }),
    'DBSnapshotNotFoundFault',
  ],
  [
    'no snapshot',
    new sdk.RemoveTagsFromResourceCommand({ ResourceName: arn('snapshot', 'nothing'), TagKeys: [] }),
    'DBSnapshotNotFoundFault',
  ],
];
