import type { Json } from '../json.ts';
import type { Visit } from '../visit.ts';

/** `$states.context`, as far as the developer guide documents it ("Accessing execution data from the Context object"). */
export function contextOf({ engine, frame, name, enteredAt, retryCount, taskToken }: Visit): Json {
  return {
    Execution: { ...engine.execution },
    StateMachine: { ...engine.machine },
    State: { Name: name, EnteredTime: new Date(enteredAt).toISOString(), RetryCount: retryCount },
    ...(frame.item === undefined ? {} : { Map: { Item: { ...frame.item } } }),
    ...(taskToken === undefined ? {} : { Task: { Token: taskToken } }),
  };
}
