import prettyBytes from 'pretty-bytes';

/** `1,234,567 rows`, `1 row`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** `104 MB`. */
export function bytes(number: number): string {
  return prettyBytes(number, { maximumFractionDigits: 1 });
}
