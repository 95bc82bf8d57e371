import jsonata from 'jsonata';
import { isExpression } from './fields.ts';
import { jsonPath, UnsupportedAsl } from './unsupported-asl.ts';

/** JSONata functions that a machine must not call, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  eval: 'Step Functions does not offer $eval; $parse reads JSON',
  shuffle: '$shuffle takes no seed, so a test could not repeat it',
};

/**
 * Refuses expressions that can never be evaluated before any state runs,
 * as CreateStateMachine does (INVALID_JSONATA_EXPRESSION).
 */
export function checkExpressions(node: unknown, keys: readonly PropertyKey[] = []): void {
  if (typeof node === 'string' && isExpression(node)) {
    checkExpression(node.slice(2, -2), jsonPath(keys));
  } else if (typeof node === 'object' && node !== null) {
    const at = (key: string) => (Array.isArray(node) ? Number(key) : key);
    for (const [key, value] of Object.entries(node)) checkExpressions(value, [...keys, at(key)]);
  }
}

function checkExpression(source: string, path: string): void {
  let tree: unknown;
  try {
    tree = jsonata(source).ast();
  } catch (cause) {
    throw new UnsupportedAsl(path, `is no JSONata: ${(cause as Error).message}`);
  }
  for (const name of variablesIn(tree)) {
    const reason = REFUSED[name];
    if (reason !== undefined) throw new UnsupportedAsl(path, reason);
  }
}

function* variablesIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'variable' && 'value' in node && typeof node.value === 'string')
    yield node.value;
  for (const child of Object.values(node)) yield* variablesIn(child);
}
