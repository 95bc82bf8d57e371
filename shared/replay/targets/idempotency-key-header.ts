/**
 * The key as the value of the header `Idempotency-Key`, which is a structured-field string: quoted, printable
 * ASCII.
 *
 * The percent sign and everything outside printable ASCII are percent-encoded in UTF-8. So no key can end the
 * header, and no two keys look alike. `decodeURIComponent` returns the key. The library structured-headers refuses such
 * characters instead of encoding them, so it would replace the last line only.
 *
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#name-syntax
 * https://www.rfc-editor.org/rfc/rfc9651#name-strings
 */
export function idempotencyKey(key: string): string {
  const printable = key.replace(/[^\x20-\x24\x26-\x7e]+/g, (text) =>
    Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&'),
  );
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}
