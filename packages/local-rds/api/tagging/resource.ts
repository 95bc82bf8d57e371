import type { Tag } from '@aws-sdk/client-rds';
import { Fault, type ModelledFault } from '../../protocol/fault.ts';
import { type ParsedArn, parseArn } from '../arn.ts';
import { change } from '../instances/instance.ts';
import type { Call, Service } from '../service.ts';
import { changeSnapshot } from '../snapshots/snapshot.ts';

/** Something that has tags. */
interface Tagged {
  readonly tags: readonly Tag[];
  put(tags: Tag[]): void;
}

const notFound: Partial<Record<ParsedArn['kind'], ModelledFault>> = {
  db: 'DBInstanceNotFoundFault',
  snapshot: 'DBSnapshotNotFoundFault',
  subgrp: 'DBSubnetGroupNotFoundFault',
  pg: 'DBParameterGroupNotFoundFault',
};

/** The thing behind an ARN of the caller's account in the request's Region. Throws the fault of its kind, or InvalidParameterValue. */
export function taggedByArn(call: Call, text: string | undefined): Tagged {
  const arn = parseArn(text ?? '');
  if (!arn || arn.account !== call.account || arn.region !== call.region) {
    throw new Fault(
      'InvalidParameterValue',
      `Invalid resource name: ${text}. Expected: the ARN of something of ${call.account} in ${call.region}.`,
    );
  }
  const found = tagged(call.service, arn);
  if (found) return found;
  throw new Fault(notFound[arn.kind] ?? 'InvalidParameterValue', `${arn.kind} ${arn.name} not found.`);
}

/** Tags of the resource with an ARN, for decisions about access; undefined when it does not exist. */
export function tagsOf(service: Service, text: string): readonly Tag[] | undefined {
  const arn = parseArn(text);
  return arn && tagged(service, arn)?.tags;
}

function tagged(service: Service, arn: ParsedArn): Tagged | undefined {
  const { state } = service;
  switch (arn.kind) {
    case 'db': {
      const instance = state.instances.get(arn, arn.name);
      return (
        instance && {
          tags: instance.shown.TagList ?? [],
          put: (TagList) => void change(service, instance, { shown: { TagList } }),
        }
      );
    }
    case 'snapshot': {
      const snapshot = state.snapshots.get(arn, arn.name);
      return (
        snapshot && {
          tags: snapshot.shown.TagList ?? [],
          put: (TagList) => void changeSnapshot(service, snapshot, { shown: { TagList } }),
        }
      );
    }
    case 'subgrp': {
      const group = state.subnetGroups.get(arn, arn.name);
      return group && { tags: group.tags, put: (tags) => void state.subnetGroups.put({ ...group, tags }) };
    }
    case 'pg': {
      const group = state.parameterGroups.get(arn, arn.name);
      return group && { tags: group.tags, put: (tags) => void state.parameterGroups.put({ ...group, tags }) };
    }
    case 'auto-backup': {
      const backup = state.automatedBackups
        .list(arn)
        .find(({ shown }) => shown.DBInstanceAutomatedBackupsArn?.endsWith(`:${arn.name}`));
      return (
        backup && {
          tags: backup.shown.TagList ?? [],
          put: (TagList) =>
            void state.automatedBackups.put({ ...backup, shown: { ...backup.shown, TagList } }),
        }
      );
    }
    default:
      return undefined;
  }
}
