/** Who is behind an access key. */
export interface Caller {
  readonly account: string;
  /** As AccessDenied names it: `arn:aws:sts::000000000000:assumed-role/role/session`, or the ARN of a user. */
  readonly arn: string;
  /** What policies call `aws:PrincipalArn`: the role itself, not its session. */
  readonly principal: string;
  readonly identity:
    | { readonly kind: 'root' }
    | { readonly kind: 'role'; readonly name: string }
    | { readonly kind: 'user'; readonly name: string };
  /** What else than identity policies limits it; such callers are not decided about here. */
  readonly limitedBy?: string | undefined;
}

/** Where callers are looked up. */
export interface Callers {
  /** Undefined for an unknown key, and for one whose session is over. */
  find(accessKey: string): Promise<Caller | undefined>;
}
