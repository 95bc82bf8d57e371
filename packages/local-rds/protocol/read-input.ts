import { Fault } from './fault.ts';
import type { Parameters } from './form.ts';
import type { Reference, ServiceModel, Shape } from './service-model.ts';

/** What no action declares and every request may carry. */
const ofTheProtocol = new Set(['Action', 'Version']);

/**
 * The input of an action, in the shape that the model gives it. Throws a `Fault` for a parameter that the model
 * does not know, is of another type, is missing, or breaks a constraint of the model.
 */
export function readInput(model: ServiceModel, operation: string, parameters: Parameters): unknown {
  const reference = model.operations[operation]?.input;
  if (!reference) throw new Fault('InvalidAction', `Could not find operation ${operation}.`);
  const members = new Map([...parameters.members].filter(([name]) => !ofTheProtocol.has(name)));
  const reader = new Reader(model);
  const input = reader.read(reference, { members }, '');
  reader.refuseViolations();
  return input;
}

class Reader {
  readonly #model: ServiceModel;
  readonly #violations: string[] = [];

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  read({ shape: name }: Reference, from: Parameters, at: string): unknown {
    const shape = this.#model.shapes[name];
    if (!shape) throw new Error(`The model names the shape ${name} and does not describe it.`);
    switch (shape.type) {
      case 'structure':
        return this.#structure(shape, from, at);
      case 'list':
        return this.#list(shape, from, at);
      case 'map':
        return this.#map(shape, from, at);
      default:
        return this.#scalar(shape, from, at);
    }
  }

  /** All violations of one request together, in the words of the service. */
  refuseViolations(): void {
    const count = this.#violations.length;
    if (count === 0) return;
    const detected = `${count} validation error${count === 1 ? '' : 's'} detected`;
    throw new Fault('ValidationError', `${detected}: ${this.#violations.join('; ')}`);
  }

  #structure(shape: Shape, from: Parameters, at: string): Record<string, unknown> {
    refuseValue(from, at);
    const value: Record<string, unknown> = {};
    const names = new Map(
      Object.entries(shape.members ?? {}).map(([name, member]) => [member.locationName ?? name, name]),
    );
    for (const [wireName, node] of from.members) {
      const name = names.get(wireName);
      const member = name === undefined ? undefined : shape.members?.[name];
      if (name === undefined || !member) throw unknown(join(at, wireName));
      value[name] = this.read(member, node, join(at, wireName));
    }
    for (const name of shape.required ?? []) {
      if (value[name] === undefined)
        throw new Fault('MissingParameter', `The request must contain the parameter ${join(at, name)}.`);
    }
    return value;
  }

  /** `Tags.Tag.1`, or flattened `Tag.1`; an empty list is written as `Tags=`. */
  #list(shape: Shape, from: Parameters, at: string): unknown[] {
    const member = shape.member as Reference;
    if (from.members.size === 0 && from.value === '') return [];
    refuseValue(from, at);
    const items = shape.flattened ? from : this.#itemsOf(member, from, at);
    const value = inOrder(items, at).map(([index, item]) => this.read(member, item, join(at, index)));
    this.#check(shape, value.length, JSON.stringify(value), at, 'length');
    return value;
  }

  /** The service takes the name that the model gives to the items, and `member` for every list. */
  #itemsOf(member: Reference, from: Parameters, at: string): Parameters {
    const allowed = new Set([member.locationName ?? 'member', 'member']);
    for (const name of from.members.keys()) if (!allowed.has(name)) throw unknown(join(at, name));
    if (from.members.size > 1)
      throw new Fault('InvalidQueryParameter', `The items of ${at} are given under more than one name.`);
    const [items] = from.members.values();
    return items ?? { members: new Map() };
  }

  #map(shape: Shape, from: Parameters, at: string): Record<string, unknown> {
    refuseValue(from, at);
    const entries = shape.flattened ? from : (from.members.get('entry') ?? { members: new Map() });
    const value: Record<string, unknown> = {};
    for (const [index, entry] of inOrder(entries, at)) {
      const key = entry.members.get(shape.key?.locationName ?? 'key')?.value;
      const item = entry.members.get(shape.value?.locationName ?? 'value');
      if (key === undefined || !item)
        throw new Fault('MalformedInput', `${join(at, index)} needs a key and a value.`);
      value[key] = this.read(shape.value as Reference, item, join(at, index));
    }
    return value;
  }

  #scalar(shape: Shape, from: Parameters, at: string): unknown {
    const [member] = from.members.keys();
    if (member !== undefined) throw unknown(join(at, member));
    const text = from.value ?? '';
    switch (shape.type) {
      case 'boolean':
        if (!/^(true|false)$/i.test(text)) throw illTyped(at, text, 'true or false');
        return text.toLowerCase() === 'true';
      case 'integer':
      case 'long': {
        const number = Number(text);
        const limit = shape.type === 'integer' ? 2 ** 31 : 2 ** 53;
        if (!/^[+-]?\d+$/.test(text) || Math.abs(number) >= limit) throw illTyped(at, text, 'an integer');
        this.#check(shape, number, text, at, 'value');
        return number;
      }
      case 'double': {
        const number = Number(text);
        if (text.trim() === '' || !Number.isFinite(number)) throw illTyped(at, text, 'a number');
        this.#check(shape, number, text, at, 'value');
        return number;
      }
      case 'timestamp':
        return timestamp(text, at);
      default:
        this.#check(shape, text.length, shape.sensitive ? '****' : text, at, 'length');
        return text;
    }
  }

  #check(shape: Shape, size: number, text: string, at: string, what: 'length' | 'value'): void {
    const violated = (constraint: string) =>
      this.#violations.push(
        `Value '${text}' at '${lowerFirst(at)}' failed to satisfy constraint: Member must ${constraint}`,
      );
    if (shape.min !== undefined && size < shape.min)
      violated(`have ${what} greater than or equal to ${shape.min}`);
    if (shape.max !== undefined && size > shape.max)
      violated(`have ${what} less than or equal to ${shape.max}`);
    if (shape.type !== 'string') return;
    if (shape.enum && !shape.enum.includes(text))
      violated(`satisfy enum value set: [${shape.enum.join(', ')}]`);
    if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`).test(text))
      violated(`satisfy regular expression pattern: ${shape.pattern}`);
  }
}

/** ISO 8601, with or without a time zone: without one it is UTC, as everything in RDS. Or seconds since 1970. */
function timestamp(text: string, at: string): Date {
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  const zoned = iso?.[1] === undefined || iso[4] !== undefined ? text : `${text}Z`;
  const date = /^\d{9,10}(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(iso ? zoned : '');
  if (Number.isNaN(date.getTime())) throw illTyped(at, text, 'a time in ISO 8601');
  return date;
}

function inOrder(items: Parameters, at: string): [string, Parameters][] {
  const entries = [...items.members];
  for (const [index] of entries) {
    if (!/^[1-9]\d{0,4}$/.test(index))
      throw new Fault('MalformedInput', `"${index}" in ${at} is not the number of an item; the first is 1.`);
  }
  return entries.sort(([one], [other]) => Number(one) - Number(other));
}

function refuseValue(from: Parameters, at: string): void {
  if (from.value !== undefined && from.value !== '')
    throw new Fault('MalformedInput', `${at} has members and takes no value of its own.`);
}

const unknown = (at: string) =>
  new Fault('InvalidQueryParameter', `The parameter ${at} is not recognized by this action.`);
const illTyped = (at: string, text: string, expected: string) =>
  new Fault('MalformedInput', `The value ${JSON.stringify(text)} of ${at} is not ${expected}.`);
const join = (at: string, name: string) => (at === '' ? name : `${at}.${name}`);
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
