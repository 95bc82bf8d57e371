import type { Tag } from '@aws-sdk/client-rds';
import type { Scope } from '../state/collection.ts';

export type { Scope };

/** A secret of RDS's own, as Secrets Manager is to keep it. */
export interface Secret {
  /** Of one that is there already, whose value is replaced. */
  readonly arn?: string;
  readonly name: string;
  readonly value: string;
  readonly kmsKeyId: string;
  readonly tags: readonly Tag[];
}

/** Where RDS keeps master passwords that it manages. */
export interface Secrets {
  /** Returns the secret's ARN. */
  put(scope: Scope, secret: Secret): Promise<string>;
  /** Without a recovery window, as RDS does. Nothing where it is gone already. */
  delete(scope: Scope, arn: string): Promise<void>;
}
