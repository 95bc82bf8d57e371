import { describe, expect, test } from 'vitest';
import { visible, visibleJson } from '../../../shared/text/visible.ts';
import { HOSTILE } from './hostile.ts';

/** What no reader may receive. Line ends are judged apart. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]|\u034F/u;

describe('text made visible', () => {
  test.each(Object.entries(HOSTILE))('obeys nothing and hides nothing: %s', (_, text) => {
    expect(visible(text).match(OBEYED)).toBeNull();
    expect(visible(text).length).toBeLessThan(2_100 * 10);
  });

  test.each([
    ['red \u001b[31mand\u001b[0m', String.raw`red \x1b[31mand\x1b[0m`],
    ['a\r\nb\tc', String.raw`a\r\nb\tc`],
    ['\0\u007f\u009b', String.raw`\x00\x7f\x9b`],
    ['a\u202eb\u2066c\u2069', String.raw`a\u202eb\u2066c\u2069`],
    ['zero\u200bwidth\ufeff\u2028', String.raw`zero\u200bwidth\ufeff\u2028`],
    ['tag \u{e0041}, filler \u3164', String.raw`tag \u{e0041}, filler \u3164`],
    ['lone \ud83d', String.raw`lone \ud83d`],
  ])('writes what cannot be seen as an escape: %j', (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  test.each([
    'relation "Bestellungen für März" does not exist',
    'данные потеряны 数据丢失 データ消失',
    'מסד הנתונים אבד, قاعدة البيانات',
    '🚨 🇩🇪 ❤️ 👍🏽',
    'C:\\Windows and "quotes"',
    '',
  ])('leaves what can be seen as it is: %s', (text) => {
    expect(visible(text)).toBe(text);
  });

  test('is cut where it is too long, with its whole length behind it, in no time', () => {
    const text = 'x\n'.repeat(5_000_000);
    const began = performance.now();
    const shown = visible(text, 10);
    expect(shown).toBe(String.raw`x\nx\nx\nx\nx\n… (10,000,000 characters)`);
    expect(performance.now() - began).toBeLessThan(200);
  });

  test('cuts no emoji in two', () => {
    expect(visible('ab🚨cd', 3)).not.toMatch(/[\p{Cs}]/u);
  });

  test('stacks no more marks on a letter than a language does', () => {
    expect(visible(`Z${'\u0301'.repeat(1_000)}algo`)).toBe(`Z${'\u0301'.repeat(4)}…algo`);
  });
});

describe('JSON made visible', () => {
  test.each(Object.entries(HOSTILE))('keeps the true value and obeys nothing: %s', (_, text) => {
    const json = visibleJson({ [text.slice(0, 50)]: text });
    expect(JSON.parse(json)[text.slice(0, 50)] === text).toBe(true);
    expect(json.replaceAll('\n', '').match(OBEYED)).toBeNull();
    expect(json.split('\n')).toHaveLength(3);
  });
});
