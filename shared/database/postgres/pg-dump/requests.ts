/** Query, Sync, password and FunctionCall: a server answers these. It does not answer Parse, Bind or CopyData. */
const ANSWERED = new Set(['Q', 'S', 'p', 'F']);
const HEAD_BYTES = 5;

/**
 * Follows what a client sends, and says after each piece whether the server answers now. libpq sends a message of more than
 * 8 KB in pieces (a LOCK TABLE of some hundred tables is that long). The server is silent until it has the last piece, so
 * waiting for an answer before that would never end.
 *
 * pg-protocol does not read what a client sends, so this is done by hand.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function followRequests(): (piece: Buffer) => boolean {
  let head = Buffer.alloc(0);
  let missing = 0;
  let answered = false;
  return (piece) => {
    const skipped = Math.min(missing, piece.length);
    missing -= skipped;
    let rest = Buffer.concat([head, piece.subarray(skipped)]);
    while (rest.length >= HEAD_BYTES) {
      answered ||= ANSWERED.has(String.fromCharCode(rest[0] ?? 0));
      // The length counts itself and not the type before it.
      const message = rest.readUInt32BE(1) + 1;
      missing = Math.max(0, message - rest.length);
      rest = rest.subarray(message);
    }
    head = rest;
    if (missing > 0 || head.length > 0 || !answered) return false;
    answered = false;
    return true;
  };
}
