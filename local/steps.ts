/** One step of a start, told twice: when it begins and when it is done. */
export interface Step {
  readonly name: string;
  readonly state: 'started' | 'done';
  readonly detail?: string;
}

/** Told of every step; steps that run side by side are told as they come. */
export type Report = (step: Step) => void;

/** Runs a piece of work as a named step. The work may tell more, such as what it downloads. */
export type RunStep = <Result>(
  name: string,
  work: (tell: (detail: string) => void) => Promise<Result>,
) => Promise<Result>;

/** Steps that are told to `report`, with the time each took. */
export function stepsOf(report: Report = () => {}): RunStep {
  return async (name, work) => {
    const began = performance.now();
    report({ name, state: 'started' });
    const result = await work((detail) => report({ name, state: 'started', detail }));
    report({ name, state: 'done', detail: `${((performance.now() - began) / 1000).toFixed(1)} s` });
    return result;
  };
}
