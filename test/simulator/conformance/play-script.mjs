// Deployed as a Lambda function: replays the scripted results of a conformance case, one per attempt.
import { setTimeout as sleep } from 'node:timers/promises';

export const handler = async ({ script, attempt, given }) => {
  if (script === 'echo') return given;
  const result = script[attempt];
  if (result === undefined) throw new Error(`attempt ${attempt + 1} is not scripted`);
  await sleep(result.after * 1000);
  if (result.kind === 'ok') return result.value;
  const { errorType, errorMessage } = JSON.parse(result.cause);
  throw Object.assign(new Error(errorMessage), { name: errorType });
};
