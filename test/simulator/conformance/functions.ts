import { type ConformanceCase, fails, machine, succeeds } from './conformance-case.ts';

const tell = (output: unknown) => machine({ Tell: { Type: 'Pass', Output: output, End: true } });

/** Developer guide, "JSONata functions provided by Step Functions". */
export const functionCases: readonly ConformanceCase[] = [
  {
    id: 'functions-1',
    title: '$partition cuts an array into parts, the last of which may be shorter',
    definition: tell('{% $partition([1, 2, 3, 4, 5], 2) %}'),
    expected: succeeds([[1, 2], [3, 4], [5]]),
  },
  {
    id: 'functions-2',
    title: '$partition rounds its size down',
    definition: tell('{% $partition([1, 2, 3, 4, 5], 2.9) %}'),
    expected: succeeds([[1, 2], [3, 4], [5]]),
  },
  {
    id: 'functions-3',
    title: '$partition refuses parts of nothing',
    definition: tell('{% $partition([1, 2, 3], 0) %}'),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'functions-4',
    title: '$range includes its last number when the steps meet it, and may go down',
    definition: tell({
      up: '{% $range(1, 9, 4) %}',
      past: '{% $range(0, 5, 2) %}',
      down: '{% $range(3, 1, -1) %}',
    }),
    expected: succeeds({ up: [1, 5, 9], past: [0, 2, 4], down: [3, 2, 1] }),
  },
  {
    id: 'functions-14',
    title: '$range of a single number is that number, not a list',
    definition: tell({ one: '{% $range(1, 9, 9) %}', listed: '{% [$range(1, 9, 9)] %}' }),
    expected: succeeds({ one: 1, listed: [1] }),
  },
  {
    id: 'functions-5',
    title: '$range refuses to stand still',
    definition: tell('{% $range(1, 9, 0) %}'),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'functions-6',
    title: '$hash knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512, and writes hexadecimal',
    definition: tell({
      md5: "{% $hash('lifeboat', 'MD5') %}",
      sha1: "{% $hash('lifeboat', 'SHA-1') %}",
      sha256: "{% $hash('lifeboat', 'SHA-256') %}",
      long: "{% [$length($hash('lifeboat', 'SHA-384')), $length($hash('lifeboat', 'SHA-512'))] %}",
    }),
    expected: succeeds({
      md5: '63ea64f8ba9ec501993aa122ac4fd79d',
      sha1: '98a30818893be2216b62398d5b592435e5970fd8',
      sha256: '55b2784500c84f2ad4611725d3c147820aff970a3c40ab9bc80642294cf9df88',
      long: [96, 128],
    }),
  },
  {
    id: 'functions-7',
    title: '$hash refuses an algorithm it does not know',
    definition: tell("{% $hash('lifeboat', 'CRC32') %}"),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'functions-8',
    title: '$random is at least 0 and below 1',
    definition: tell('{% ($r := $random(); $r >= 0 and $r < 1) %}'),
    expected: succeeds(true),
  },
  {
    id: 'functions-9',
    title: '$random with a seed always gives the same number',
    definition: tell('{% $random(7) = $random(7) and $random(7) != $random(8) %}'),
    expected: succeeds(true),
  },
  {
    id: 'functions-10',
    title: '$uuid gives a new version 4 UUID each time',
    definition: tell({
      form: '{% $exists($match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)) %}',
      new: '{% $uuid() != $uuid() %}',
    }),
    expected: succeeds({ form: true, new: true }),
  },
  {
    id: 'functions-11',
    title: '$parse reads JSON',
    definition: tell('{% $parse($states.input.text) %}'),
    input: { text: '{"a": [1, null, "b"]}' },
    expected: succeeds({ a: [1, null, 'b'] }),
  },
  {
    id: 'functions-12',
    title: '$parse of what is no JSON is a query error',
    definition: tell("{% $parse('{') %}"),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'functions-13',
    title: '$now and $millis read the same clock',
    definition: tell('{% $toMillis($now()) = $millis() %}'),
    expected: succeeds(true),
  },
];
