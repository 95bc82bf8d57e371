import { load } from './asl/load.ts';
import type { State } from './asl/state-graph.ts';
import { everyState } from './asl/walk.ts';
import type { Run } from './simulate.ts';
import type { WalkedEvent } from './walked-event.ts';

/**
 * One sentence for each part of a definition that no run covered: a state never entered, a Choice rule or Default never
 * taken, a catcher that never caught, a retrier never exhausted, a state with `End` that never ended anything.
 * For a state never entered, only that is reported. `${Name}` may stay unresolved here.
 */
export function uncovered(definition: unknown, runs: readonly Pick<Run, 'events'>[]): string[] {
  const machine = load(resolveAnything(definition));
  const walked = new Set(runs.flatMap(({ events }) => events.map(key)));
  const states = [...everyState(machine)];
  const strangers = runs
    .flatMap(({ events }) => events)
    .filter(({ state }) => !states.some(({ name }) => name === state));
  if (strangers[0] !== undefined)
    throw new Error(`a run of another machine: this one has no state '${strangers[0].state}'`);
  return states.flatMap(({ name, state }) => {
    if (!walked.has(key({ kind: 'entered', state: name }))) return [`'${name}' is never entered`];
    return partsOf(name, state).flatMap(({ event, sentence }) =>
      walked.has(key(event)) ? [] : [`'${name}' ${sentence}`],
    );
  });
}

interface Part {
  readonly event: WalkedEvent;
  readonly sentence: string;
}

function partsOf(state: string, it: State): Part[] {
  const parts: Part[] = [];
  if (it.Type === 'Choice') {
    for (const [index, rule] of it.Choices.entries()) {
      parts.push({
        event: { kind: 'rule', state, index },
        sentence: `never takes rule ${index + 1}, to '${rule.Next}'`,
      });
    }
    if (it.Default !== undefined) {
      parts.push({
        event: { kind: 'default', state },
        sentence: `never takes its Default, to '${it.Default}'`,
      });
    }
  }
  const { Retry = [], Catch = [] } = 'Retry' in it || 'Catch' in it ? it : {};
  for (const [index, { ErrorEquals }] of Retry.entries()) {
    parts.push({
      event: { kind: 'exhausted', state, index },
      sentence: `never exhausts its retries of ${ErrorEquals.join(', ')}`,
    });
  }
  for (const [index, { ErrorEquals, Next }] of Catch.entries()) {
    parts.push({
      event: { kind: 'caught', state, index },
      sentence: `never catches ${ErrorEquals.join(', ')}, to '${Next}'`,
    });
  }
  if ('End' in it) parts.push({ event: { kind: 'ended', state }, sentence: 'never reaches its End' });
  return parts;
}

const key = (event: WalkedEvent): string =>
  JSON.stringify([event.state, event.kind, 'index' in event ? event.index : null]);

/** Coverage does not depend on a substitution's value. */
function resolveAnything(definition: unknown): unknown {
  return JSON.parse(JSON.stringify(definition).replace(/\$\{(\w+)\}/g, '$1'));
}
