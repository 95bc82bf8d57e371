import { Fault } from '../protocol/fault.ts';

interface Page<Item> {
  readonly items: Item[];
  readonly Marker?: string;
}

/**
 * One page of a list in a fixed order. The marker names the last item that was given, so that things made or deleted
 * between two pages neither repeat nor hide others. Throws InvalidParameterValue.
 */
export function page<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxRecords = 100, Marker }: { MaxRecords?: number | undefined; Marker?: string | undefined },
): Page<Item> {
  if (MaxRecords < 20 || MaxRecords > 100) {
    throw new Fault(
      'InvalidParameterValue',
      `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`,
    );
  }
  const after = Marker === undefined ? undefined : read(Marker);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const shown = rest.slice(0, MaxRecords);
  const last = shown.at(-1);
  return last !== undefined && rest.length > shown.length
    ? { items: shown, Marker: Buffer.from(`${prefix}${keyOf(last)}`).toString('base64url') }
    : { items: shown };
}

const prefix = 'after:';

function read(marker: string): string {
  const text = Buffer.from(marker, 'base64url').toString('utf8');
  if (!text.startsWith(prefix)) throw new Fault('InvalidParameterValue', 'Invalid value for Marker.');
  return text.slice(prefix.length);
}
