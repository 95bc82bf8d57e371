import type { Scope } from '../state/collection.ts';

/** Kinds of things that have an ARN here. */
export type ResourceKind = 'db' | 'snapshot' | 'subgrp' | 'pg' | 'og' | 'secgrp' | 'auto-backup' | 'cluster';

export interface ParsedArn extends Scope {
  readonly kind: ResourceKind;
  readonly name: string;
}

const pattern =
  /^arn:aws[a-z-]*:rds:([a-z0-9-]+):(\d{12}):(db|snapshot|subgrp|pg|og|secgrp|auto-backup|cluster):(.+)$/;

/** The ARN of a thing. */
export function arnOf({ account, region }: Scope, kind: ResourceKind, name: string): string {
  return `arn:aws:rds:${region}:${account}:${kind}:${name}`;
}

/** What an ARN names; undefined for any other text. */
export function parseArn(text: string): ParsedArn | undefined {
  const [, region, account, kind, name] = pattern.exec(text) ?? [];
  if (!region || !account || !name) return undefined;
  return { account, region, kind: kind as ResourceKind, name };
}
