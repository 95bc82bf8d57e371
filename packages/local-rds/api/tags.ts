import type { Tag } from '@aws-sdk/client-rds';
import { Fault } from '../protocol/fault.ts';
import type { Quotas } from './quotas.ts';

/** Tags of something new. Throws InvalidParameterValue for what RDS does not take as tags. */
export function newTags(tags: readonly Tag[] | undefined, quotas: Quotas): Tag[] {
  return merged([], tags ?? [], quotas);
}

/** Tags after some were added; one with a known key replaces the old one. Throws InvalidParameterValue. */
export function merged(present: readonly Tag[], added: readonly Tag[], quotas: Quotas): Tag[] {
  const given = new Set<string>();
  for (const { Key = '', Value = '' } of added) {
    if (Key.length < 1 || Key.length > 128 || Value.length > 256)
      throw invalid('A tag key must have 1 to 128 characters and a tag value 0 to 256.');
    if (/^(aws|rds):/i.test(Key))
      throw invalid(`System tags cannot be added or updated by the requester: ${Key}.`);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@%]*$/u.test(Key + Value))
      throw invalid(`The tag ${Key} holds a character that tags must not hold.`);
    if (given.has(Key)) throw invalid(`The tag ${Key} is given more than once.`);
    given.add(Key);
  }
  const tags = [
    ...present.filter(({ Key = '' }) => !given.has(Key)),
    ...added.map(({ Key, Value = '' }) => ({ Key, Value })),
  ];
  if (tags.length > quotas.tagsOfOneThing)
    throw invalid(`More than ${quotas.tagsOfOneThing} tags on one resource.`);
  return tags;
}

/** As policies look at tags. */
export function tagRecord(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);
