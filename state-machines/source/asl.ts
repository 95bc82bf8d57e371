/** Amazon States Language in JSONata, as far as Lifeboat's machines use it: https://states-language.net */
export interface StateMachine extends StateGraph {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONata';
  readonly TimeoutSeconds: number;
}

export interface StateGraph {
  readonly StartAt: string;
  readonly States: States;
}

export type States = Readonly<Record<string, State>>;
export type State = Task | MapState | Choice | Wait | Pass | Succeed | Fail;

/** Variables and their new values, which all see the variables as they were before the state. */
export type Assign = Readonly<Record<string, unknown>>;

export interface Task {
  readonly Type: 'Task';
  readonly Comment?: string;
  readonly Resource: string;
  readonly Arguments: Readonly<Record<string, unknown>>;
  readonly Assign?: Assign;
  readonly Output?: string | Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
  readonly Next?: string;
  readonly End?: true;
}

export interface MapState {
  readonly Type: 'Map';
  readonly Items: string;
  readonly MaxConcurrency: number;
  readonly ItemProcessor: StateGraph & { readonly ProcessorConfig: { readonly Mode: 'INLINE' } };
  readonly Assign?: Assign;
  readonly Catch: readonly Catcher[];
  readonly Next: string;
}

export interface Choice {
  readonly Type: 'Choice';
  readonly Choices: readonly Rule[];
  readonly Default?: string;
}

export interface Rule {
  readonly Condition: string;
  readonly Output?: Readonly<Record<string, unknown>>;
  readonly Assign?: Assign;
  readonly Next: string;
}

export interface Wait {
  readonly Type: 'Wait';
  readonly Seconds: string | number;
  readonly Next: string;
}

export interface Pass {
  readonly Type: 'Pass';
  readonly End: true;
}

export interface Succeed {
  readonly Type: 'Succeed';
}

export interface Fail {
  readonly Type: 'Fail';
  readonly Error: string;
  readonly Cause: string;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Assign;
  readonly Output?: Readonly<Record<string, unknown>>;
  readonly Next: string;
}
