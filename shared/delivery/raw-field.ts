/**
 * The text of a field of a JSON object, as it is written: a number of twenty digits stays one, and no depth of nesting is too
 * deep. Of several fields with the name it is the last, as JSON.parse has it.
 *
 * @param json the text of an object, known to be JSON
 * @returns undefined where there is no such field
 */
export function rawField(json: string, name: string): string | undefined {
  let found: string | undefined;
  let depth = 0;
  let key: string | null = null;
  let valueAt: number | null = null;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && valueAt === null) key = JSON.parse(json.slice(at, end + 1));
      at = end;
    } else if (char === '{' || char === '[') depth++;
    else if (char === ':' && depth === 1) valueAt = at + 1;
    else if (char === ',' || char === '}' || char === ']') {
      if (depth === 1) {
        if (key === name && valueAt !== null) found = json.slice(valueAt, at).trim();
        valueAt = null;
      }
      if (char !== ',') depth--;
    }
  }
  return found;
}

/** The index of the quote that closes the string at this index. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
