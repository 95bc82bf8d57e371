/** The function behind an access key. */
export interface Caller {
  readonly functionName: string;
  readonly roleName: string;
}

/** Equal calls, counted. */
export interface RecordedCall {
  readonly accessKey: string;
  /** Undefined for the root user and every other caller that is not a function of the stack. */
  readonly caller: Caller | undefined;
  readonly service: string;
  readonly region: string;
  /** An IAM action such as `s3:PutObject`, or `unknown:…` where the gateway does not know which one it was. */
  readonly action: string;
  /** The bucket, table or function where the request names it in plain sight. */
  readonly resource: string | undefined;
  /** What the client was answered; 0 when the connection was dropped. */
  readonly status: number;
  readonly count: number;
}

/** Who called what, and how often. */
export class CallRecord {
  readonly #calls = new Map<string, RecordedCall>();

  add(call: Omit<RecordedCall, 'count'>): void {
    const key = JSON.stringify([call.accessKey, call.region, call.action, call.resource, call.status]);
    this.#calls.set(key, { ...call, count: (this.#calls.get(key)?.count ?? 0) + 1 });
  }

  all(): RecordedCall[] {
    return [...this.#calls.values()];
  }

  clear(): void {
    this.#calls.clear();
  }
}
