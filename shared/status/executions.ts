import type { ExecutionState } from './execution-state.ts';

/** The executions of state machines, to look at: nothing here touches a run. */
export interface Executions {
  /** Where the run stands that began with this execution, also if later executions continue it. */
  stateOf(firstExecutionArn: string): Promise<ExecutionState>;
  /** How many messages a replay is to handle, as it found its queue; null if its history does not say. */
  expectedMessages(firstExecutionArn: string): Promise<number | null>;
}
