import { describe, expect, test } from 'vitest';
import { NO_CAUSE, unwrapCause, unwrapFailure } from '../../../shared/run/unwrap-cause.ts';

/** As Lambda's Node runtime writes an error. */
const thrown = (errorMessage: string) =>
  JSON.stringify({
    errorType: 'Broken',
    errorMessage,
    trace: [`Broken: ${errorMessage}`, '    at f (/a.js:1)'],
  });

describe('the words of a cause', () => {
  test.each<[string, string | null | undefined, string]>([
    ['that a function threw is its message', thrown('the source was lost'), 'the source was lost'],
    ['with quotes and braces in its message', thrown('say "no", {then} go'), 'say "no", {then} go'],
    ['with line breaks and characters of any script', thrown('one\ntwo 🌊 \\ é'), 'one\ntwo 🌊 \\ é'],
    [
      'of a function that was killed at its time limit, as AWS recorded it in 2024 and 2025',
      'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"2025-03-01T03:15:02.114Z 5f0c1a2b-9d8e-4f6a-8b7c-1a2b3c4d5e6f Task timed out after 902.11 seconds"}',
      '2025-03-01T03:15:02.114Z 5f0c1a2b-9d8e-4f6a-8b7c-1a2b3c4d5e6f Task timed out after 902.11 seconds',
    ],
    [
      'of a function that was killed at its time limit, by newer environments',
      '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 5f0c1a2b Error: Task timed out after 902.11 seconds"}',
      'RequestId: 5f0c1a2b Error: Task timed out after 902.11 seconds',
    ],
    [
      'of a function that ran out of memory',
      '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 5f0c1a2b Error: Runtime exited with error: signal: killed"}',
      'RequestId: 5f0c1a2b Error: Runtime exited with error: signal: killed',
    ],
    [
      'of a service is its own sentence',
      'Rate exceeded (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ThrottlingException; Request ID: null)',
      'Rate exceeded (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ThrottlingException; Request ID: null)',
    ],
    [
      'of an expression that failed is its own sentence',
      "An error occurred while executing the state 'Copy the database' (entered at the event id #12). The JSONata expression '$states.input.a' specified for the field 'Assign/a' returned nothing (undefined).",
      "An error occurred while executing the state 'Copy the database' (entered at the event id #12). The JSONata expression '$states.input.a' specified for the field 'Assign/a' returned nothing (undefined).",
    ],
    [
      'of too much data is its own sentence',
      "The state/task 'Copy the database' returned a result with a size exceeding the maximum number of bytes service limit.",
      "The state/task 'Copy the database' returned a result with a size exceeding the maximum number of bytes service limit.",
    ],
    ['that is empty says so', '', NO_CAUSE],
    ['of blanks says so', ' \n', NO_CAUSE],
    ['that is null says so', null, NO_CAUSE],
    ['that is absent says so', undefined, NO_CAUSE],
    ['whose message is empty says so', thrown(''), NO_CAUSE],
    ['that is JSON without a message stays whole', '{"message":"no"}', '{"message":"no"}'],
    ['whose message is not text stays whole', '{"errorMessage":{"a":1}}', '{"errorMessage":{"a":1}}'],
    ['that is JSON but not an object stays whole', '"errorMessage"', '"errorMessage"'],
    [
      'that only begins like JSON stays whole',
      '{then} the connection was reset',
      '{then} the connection was reset',
    ],
    [
      'whose quoted payload is not JSON stays whole',
      'The cause could not be determined because Lambda did not return an error type. Returned payload: null',
      'The cause could not be determined because Lambda did not return an error type. Returned payload: null',
    ],
  ])('%s', (_, raw, words) => {
    expect(unwrapCause(raw)).toBe(words);
  });

  test('that was cut after its message is the message', () => {
    expect(unwrapCause(thrown('the source was lost').slice(0, 70))).toBe('the source was lost');
  });

  test('that was cut within its message is as much of it as there is, and shows the cut', () => {
    const whole = thrown('a very long message');
    expect(unwrapCause(whole.slice(0, whole.indexOf(' long')))).toBe('a very…');
  });

  test('of 32 KB, cut by Step Functions, is the beginning of its message', () => {
    const words = unwrapCause(thrown('🌊'.repeat(20_000)).slice(0, 32_765));
    expect(words).toMatch(/^(?:🌊)+\uFFFD?…$/u);
    expect(words.length).toBeGreaterThan(32_000);
  });

  test('cut anywhere still has words, and none of the JSON around its message', () => {
    const whole = thrown('tab\t "quoted" \u2028 é 🌊 \u0001');
    const start = whole.indexOf('"errorMessage":"') + '"errorMessage":"'.length;
    for (let end = start + 1; end < whole.length; end++) {
      const words = unwrapCause(whole.slice(0, end));
      expect(words, `cut after ${end}`).toMatch(/^tab|^t/);
      expect(words).not.toContain('errorType');
    }
  });

  test('cut before its message stays whole', () => {
    expect(unwrapCause('{"errorType":"Broken","errorMessage":"')).toBe(
      '{"errorType":"Broken","errorMessage":"',
    );
  });
});

test('a message with a raw line break, which JSON does not allow, is given up to the break', () => {
  expect(unwrapCause('{"errorMessage": "first\nsecond"}')).toBe('first…');
});

test('a failure keeps the name of its error', () => {
  expect(unwrapFailure({ error: 'Broken', cause: thrown('no') })).toEqual({ error: 'Broken', cause: 'no' });
  expect(unwrapFailure({ error: 'States.Timeout', cause: null })).toEqual({
    error: 'States.Timeout',
    cause: NO_CAUSE,
  });
});
