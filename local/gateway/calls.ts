/** The function behind an access key. */
export interface Caller {
  readonly functionName: string;
  readonly roleName: string;
}

/** Identical calls, with their count. */
export interface RecordedCall {
  readonly accessKey: string;
  /** Undefined for the root user and for every other caller that is not a function of the stack. */
  readonly caller: Caller | undefined;
  readonly service: string;
  readonly region: string;
  /** An IAM action such as `s3:PutObject`, or `unknown:…` if the gateway could not map the request. */
  readonly action: string;
  /** The bucket, table or function, if the request names it directly. */
  readonly resource: string | undefined;
  /** The status sent to the client; 0 if the connection was dropped. */
  readonly status: number;
  readonly count: number;
}

/** Records which caller made which call, and how often. */
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
