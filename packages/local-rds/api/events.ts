import type { SourceType } from '@aws-sdk/client-rds';
import type { Stored } from '../state/collection.ts';
import { arnOf } from './arn.ts';
import type { Service } from './service.ts';

type Category =
  | 'availability'
  | 'backup'
  | 'configuration change'
  | 'creation'
  | 'deletion'
  | 'failure'
  | 'low storage'
  | 'notification'
  | 'read replica'
  | 'recovery'
  | 'restoration';

/** Writes an event about an instance. Texts are those of RDS: "Amazon RDS event categories and event messages". */
export function instanceEvent(service: Service, of: Stored, category: Category, message: string): void {
  log(service, of, 'db-instance', arnOf(of, 'db', of.name), category, message);
}

/** Writes an event about a snapshot. */
export function snapshotEvent(service: Service, of: Stored, category: Category, message: string): void {
  log(service, of, 'db-snapshot', arnOf(of, 'snapshot', of.name), category, message);
}

/** Writes an event about a parameter group. */
export function parameterGroupEvent(service: Service, of: Stored, message: string): void {
  log(service, of, 'db-parameter-group', arnOf(of, 'pg', of.name), 'configuration change', message);
}

function log(
  { state, clock }: Service,
  { account, region, name }: Stored,
  SourceType: SourceType,
  SourceArn: string,
  category: Category,
  Message: string,
): void {
  const event = { SourceIdentifier: name, SourceType, SourceArn, Message, EventCategories: [category] };
  state.events.append({ account, region, event: { ...event, Date: clock() } });
}
