/** The caller behind an access key. */
export interface Caller {
  readonly account: string;
  /** As in AccessDenied messages: `arn:aws:sts::000000000000:assumed-role/role/session`, or the ARN of a user. */
  readonly arn: string;
  /** The value of `aws:PrincipalArn`: the role itself, not its session. */
  readonly principal: string;
  readonly identity:
    | { readonly kind: 'root' }
    | { readonly kind: 'role'; readonly name: string }
    | { readonly kind: 'user'; readonly name: string };
  /** Limits other than identity policies; this service makes no decision about such callers. */
  readonly limitedBy?: string | undefined;
}

/** Looks up callers. */
export interface Callers {
  /** Undefined for an unknown key, and for one whose session has expired. */
  find(accessKey: string): Promise<Caller | undefined>;
}
