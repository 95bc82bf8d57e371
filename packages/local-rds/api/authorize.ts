import type { Scope } from '../state/collection.ts';

/** One question of authorisation: may this caller do this to that? */
export interface AuthorizationRequest extends Scope {
  readonly accessKey: string;
  /** As policies name it: `rds:CreateDBInstance`. */
  readonly action: string;
  /** An ARN, one that ends in `:*` where the action lists all of a kind, or `*` where it names nothing. */
  readonly resource: string;
  /** Of the resource, if it exists: `aws:ResourceTag/…`. */
  readonly resourceTags: Readonly<Record<string, string>>;
  /** Given in the request: `aws:RequestTag/…`. */
  readonly requestTags: Readonly<Record<string, string>>;
  /** Named in the request, also those that it takes away: `aws:TagKeys`. */
  readonly tagKeys: readonly string[];
}

export type Decision =
  | { readonly allowed: true }
  /** `caller`: its ARN where that is known; else it is named by its access key. `reason` completes a sentence. */
  | { readonly allowed: false; readonly caller?: string; readonly reason: string };

/** Decides whether a caller may act. It is asked once for every resource that a request names; one refusal refuses the request. */
export type Authorize = (request: AuthorizationRequest) => Promise<Decision>;

export const allowEverything: Authorize = async () => ({ allowed: true });
