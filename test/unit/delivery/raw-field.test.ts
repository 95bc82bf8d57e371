import { describe, expect, test } from 'vitest';
import { rawField } from '../../../shared/delivery/raw-field.ts';

describe('the text of a field', () => {
  test.each([
    ['{"a":1}', '1'],
    ['{ "a" : 12345678901234567890 , "b":2}', '12345678901234567890'],
    ['{"b":{"a":1},"a":[1.10,-0,1E400]}', '[1.10,-0,1E400]'],
    ['{"a":"caf\\u00e9 \\" , } ]"}', '"caf\\u00e9 \\" , } ]"'],
    ['{"x":"\\\\","a":"\\\\"}', '"\\\\"'],
    ['{"\\u0061":true}', 'true'],
    ['{"a":1,"a":{"b":[{}]}}', '{"b":[{}]}'],
    ['{"x":["a",{"a":1}],"a":\t"y"\r\n}', '"y"'],
    ['{"x":"a","a":{"__proto__":{"b":1}}}', '{"__proto__":{"b":1}}'],
  ])('of %s is as it is written', (json, field) => {
    expect(rawField(json, 'a')).toBe(field);
    expect(JSON.parse(field)).toEqual(JSON.parse(json).a);
  });

  test.each(['{}', '{"b":{"a":1}}', '{"b":"a"}', '["a",1]', '"a"', 'null'])('of %s is none', (json) => {
    expect(rawField(json, 'a')).toBeUndefined();
  });

  test('of a million levels is found', () => {
    const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
    expect(rawField(`{"a":${deep}}`, 'a')).toBe(deep);
  });
});
