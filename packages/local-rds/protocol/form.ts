import { Fault } from './fault.ts';

/** The parameters of a request, nested by the dots of their names: `Filters.Filter.1.Name`. */
export interface Parameters {
  readonly value?: string;
  readonly members: ReadonlyMap<string, Parameters>;
}

interface Growing {
  value?: string;
  readonly members: Map<string, Growing>;
}

// Characters that XML 1.0 has no way to write: an answer could not repeat them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Reads a form body. Throws a `Fault` for what is no form, and for a parameter that is given twice. */
export function parseForm(body: string): Parameters {
  const root: Growing = { members: new Map() };
  for (const pair of body.split('&').filter((text) => text !== '')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1));
    if (notInXml.test(value))
      throw new Fault('MalformedInput', `The value of ${name} holds a control character.`);
    set(root, name, value);
  }
  return root;
}

function set(root: Growing, name: string, value: string): void {
  let at = root;
  for (const part of name.split('.')) {
    if (part === '') throw new Fault('MalformedQueryString', `"${name}" is not the name of a parameter.`);
    const found = at.members.get(part) ?? { members: new Map() };
    at.members.set(part, found);
    at = found;
  }
  if (at.value !== undefined)
    throw new Fault('InvalidQueryParameter', `The parameter ${name} is given more than once.`);
  at.value = value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new Fault('MalformedQueryString', 'The query string holds a malformed percent-encoding.', {
      cause: error,
    });
  }
}
