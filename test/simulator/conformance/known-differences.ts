/** Cases where MiniStack 1.5.33 differs from the AWS documentation, and why; the simulator follows the documentation. */
export const knownDifferences: Readonly<Record<string, string>> = {
  'assign-2': 'the values of one Assign are assigned one by one, so a later one already sees an earlier one',
  'assign-8': 'the branches of a Parallel share the variables around it and leave theirs behind',
  'assign-9': 'Assign of a Parallel is ignored',
  'choice-7': 'a condition that is no boolean counts as true or false, by the truth of JSONata',
  'choice-11': 'Output of a Choice itself is not taken for its Default',
  'fail-4': 'a Fail that names no error fails with States.Fail',
  'functions-14': '$range of a single number is a list of one',
  'parallel-3': 'Arguments of a Parallel are ignored',
  'parallel-4': 'Output of a Parallel is ignored',
  'parallel-7': 'RetryCount of a Parallel is overwritten by the states of its branches',
  'succeed-2': 'Output of a Succeed is ignored',
  'timeout-4': "the machine's own TimeoutSeconds are ignored",
  'timeout-5': 'TimeoutSeconds are not evaluated when they are an expression',
  'query-8': '$states.result and $states.errorOutput are null, not undefined, where there is none',
  'query-10': 'causes are worded differently, and name neither the state nor the event',
  'context-7': 'the context does not name the role of the execution',
  'data-limit-1': 'states hand on any size',
  'data-limit-2': 'states hand on any size',
};

/**
 * Sentences about unexplained differences on MiniStack: those that are not listed, and listed ones that no longer
 * occur, so that the list stays current.
 */
export function unexplained(found: Readonly<Record<string, string>>): string[] {
  const unlisted = Object.entries(found).filter(([id]) => knownDifferences[id] === undefined);
  const healed = Object.keys(knownDifferences).filter((id) => found[id] === undefined);
  return [
    ...unlisted.map(([id, sentence]) => `${id}: ${sentence}`),
    ...healed.map((id) => `${id}: is listed as a known difference, but it agrees`),
  ];
}
