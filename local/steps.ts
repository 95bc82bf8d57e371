/** One step of a start, reported twice: when it begins and when it is done. */
export interface Step {
  readonly name: string;
  readonly state: 'started' | 'done';
  readonly detail?: string;
}

/** Receives every step; parallel steps are reported as they occur. */
export type Report = (step: Step) => void;

/** Runs a piece of work as a named step. The work may report more, such as its downloads. */
export type RunStep = <Result>(
  name: string,
  work: (tell: (detail: string) => void) => Promise<Result>,
) => Promise<Result>;

/** Reports steps to `report`, with the time each took. */
export function stepsOf(report: Report = () => {}): RunStep {
  return async (name, work) => {
    const began = performance.now();
    report({ name, state: 'started' });
    const result = await work((detail) => report({ name, state: 'started', detail }));
    report({ name, state: 'done', detail: `${((performance.now() - began) / 1000).toFixed(1)} s` });
    return result;
  };
}
