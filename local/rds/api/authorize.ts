import type { Scope } from '../state/collection.ts';

/** One question of authorisation: may this caller do this to that? */
export interface AuthorizationRequest extends Scope {
  readonly accessKey: string;
  /** As policies name it: `rds:CreateDBInstance`. */
  readonly action: string;
  /** An ARN, or `*` where the action names nothing. */
  readonly resource: string;
  /** Of the resource, if it exists: `aws:ResourceTag/…`. */
  readonly resourceTags: Readonly<Record<string, string>>;
  /** Given in the request: `aws:RequestTag/…`. */
  readonly requestTags: Readonly<Record<string, string>>;
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Decides who may do what. It is asked once for every resource that a request names; one refusal refuses the request. */
export type Authorize = (request: AuthorizationRequest) => Promise<Decision>;

export const allowEverything: Authorize = async () => ({ allowed: true });
