import { parseArn } from 'local-rds/arn';
import type { AuthorizationRequest } from 'local-rds/authorize';
import type { Caller } from './callers.ts';
import type { ContextValues, Question } from './evaluate.ts';

/** RDS's own tag condition keys, by resource type. */
const ownTagKeys: Readonly<Record<string, string>> = {
  'rds:db-tag': 'db',
  'rds:pg-tag': 'pg',
  'rds:snapshot-tag': 'snapshot',
  'rds:subgrp-tag': 'subgrp',
};

/** The request values that a policy's conditions can test. Names of keys and tags are compared case-insensitively. */
export function contextOf(request: AuthorizationRequest, caller: Caller): Question['context'] {
  const { region, resource, resourceTags, requestTags, tagKeys, account } = request;
  const single = (value: string | undefined): ContextValues => ({
    values: value === undefined ? undefined : [value],
  });
  return (key) => {
    const [prefix = '', tag] = split(key);
    if (tag !== undefined) {
      const kind = ownTagKeys[prefix];
      if (kind !== undefined)
        return single(parseArn(resource)?.kind === kind ? tagNamed(resourceTags, tag) : undefined);
      if (prefix === 'aws:resourcetag') return single(tagNamed(resourceTags, tag));
      if (prefix === 'aws:requesttag' || prefix === 'rds:req-tag') return single(tagNamed(requestTags, tag));
      return 'unknown';
    }
    switch (prefix) {
      case 'aws:requestedregion':
        return single(region);
      case 'aws:tagkeys':
        return { values: tagKeys.length > 0 ? tagKeys : undefined, several: true };
      case 'aws:principalarn':
        return single(caller.principal);
      case 'aws:principalaccount':
        return single(caller.account);
      case 'aws:resourceaccount':
        return single(parseArn(resource)?.account ?? account);
      default:
        return 'unknown';
    }
  };
}

/** Splits `aws:ResourceTag/team` into its two halves; a key without a tag has one. */
function split(key: string): [string, string?] {
  const at = key.indexOf('/');
  return at < 0 ? [key.toLowerCase()] : [key.slice(0, at).toLowerCase(), key.slice(at + 1)];
}

function tagNamed(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
