import type { Filter } from '@aws-sdk/client-rds';
import { Fault } from '../protocol/fault.ts';

/** The values that one item has for a filter. */
type Values<Item> = (item: Item) => readonly (string | undefined)[];

/** Items that satisfy every filter, each by one of its values. Throws InvalidParameterValue for an unknown filter. */
export function filtered<Item>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  known: Readonly<Record<string, Values<Item>>>,
): Item[] {
  const tests = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const valuesOf = Object.hasOwn(known, Name) ? known[Name] : undefined;
    if (!valuesOf) throw new Fault('InvalidParameterValue', `Unrecognized filter name: ${Name}`);
    if (Values.length === 0)
      throw new Fault('InvalidParameterValue', `The filter ${Name} must have at least one value.`);
    const wanted = new Set(Values.map((value) => value.toLowerCase()));
    return (item: Item) =>
      valuesOf(item).some((value) => value !== undefined && wanted.has(value.toLowerCase()));
  });
  return items.filter((item) => tests.every((test) => test(item)));
}
