import * as z from 'zod';
import { KINDS } from '../../shared/run/kinds.ts';
import type { States } from './asl.ts';
import { jsonata } from './jsonata.ts';

/** The parts of JSON Schema that the inputs of runs are made of. */
interface Schema {
  readonly type?: string;
  /** The whole rule in words, where the type does not tell it. Without quotes. */
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | object;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** Step Functions adds it where one execution starts another. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html */
const GIVEN_BY_STEP_FUNCTIONS = 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID';

/**
 * The states in which every machine begins. An input that the kind of run does not take ends the execution at once, with every
 * mistake by name: what is missing, what is unknown and what has the wrong type. Nothing is done and nothing is recorded.
 *
 * The rules are those of the kind (`shared/run/kinds`), written out as JSONata, so that the check needs no function.
 */
export function checkTheInput(kindName: string, next: string): States {
  const kind = KINDS.find(({ name }) => name === kindName);
  if (!kind) throw new Error(`there is no kind of run "${kindName}"`);
  const schema: Schema = z.toJSONSchema(kind.input) as Schema;
  const mistakes = `($input := $states.input; ${mistakesIn(schema)})`;
  return {
    'Check the input': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata(`$count(${mistakes}) > 0`), Next: 'InputInvalid' }],
      Default: next,
    },
    InputInvalid: {
      Type: 'Fail',
      Error: 'InputInvalid',
      Cause: jsonata(
        `'nothing was started, because the input of the machine "${kindName}" is not valid: ' & $join(${mistakes}, '; ') & '. ${inWords(schema)}'`,
      ),
    },
  };
}

/** An expression that finds the mistakes of `$input` as a list of texts. A rule that is kept yields nothing, and the list leaves it out. */
function mistakesIn(schema: Schema): string {
  return `$type($input) != 'object' ? ['it is not an object'] : [${mistakesOfFields('', schema).join(', ')}]`;
}

function mistakesOfFields(path: string, { properties = {}, required = [], ...rest }: Schema): string[] {
  const taken = [...Object.keys(properties), ...(path === '' ? [GIVEN_BY_STEP_FUNCTIONS] : [])];
  const unknown = `$keys($input${path})[$not($ in [${taken.map((name) => `'${name}'`).join(', ')}])]`;
  const named = path === '' ? unknown : `${unknown}.('${path.slice(1)}.' & $)`;
  return [
    ...(rest.additionalProperties === false
      ? [`$count(${unknown}) > 0 ? 'unknown: ' & $join(${named}, ', ')`]
      : []),
    ...Object.entries(properties).flatMap(([name, field]) =>
      mistakesOfField(`${path}.${name}`, field, required.includes(name)),
    ),
  ];
}

function mistakesOfField(path: string, field: Schema, isRequired: boolean): string[] {
  const value = `$input${path}`;
  const name = path.slice(1);
  const found = `$type(${value}) & ' ' & $substring($string(${value}), 0, 40)`;
  return [
    ...(isRequired ? [`$not($exists(${value})) ? '${name} is missing (${expected(field)})'`] : []),
    `($exists(${value}) ? $not(${holds(value, field)}) : false) ? '${name}: expected ${expected(field)}, found ' & ${found}`,
    ...(field.type === 'object'
      ? mistakesOfFields(path, field).map((inner) => `$type(${value}) = 'object' ? (${inner})`)
      : []),
  ];
}

/** Whether a value is as its schema says. `and` is no help here: it may evaluate what the type does not have. */
function holds(value: string, { type = '', pattern, minLength, minimum, exclusiveMinimum }: Schema): string {
  const rules = [
    ...(pattern === undefined ? [] : [`$contains(${value}, /${pattern}/)`]),
    ...(minLength === undefined ? [] : [`$length(${value}) >= ${minLength}`]),
    ...(type === 'integer' ? [`${value} = $floor(${value})`] : []),
    ...(minimum === undefined ? [] : [`${value} >= ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`${value} > ${exclusiveMinimum}`]),
  ];
  const isOfType = `$type(${value}) = '${type === 'integer' ? 'number' : type}'`;
  return rules.length === 0 ? `(${isOfType})` : `(${isOfType} ? ${rules.join(' and ')} : false)`;
}

function expected({
  description,
  type = '',
  format,
  minLength = 0,
  minimum,
  exclusiveMinimum,
}: Schema): string {
  const least = minimum === undefined ? '' : `, ${minimum} or more`;
  const more = exclusiveMinimum === undefined ? '' : `, more than ${exclusiveMinimum}`;
  if (description !== undefined) return description;
  switch (type) {
    case 'string':
      if (format === 'date-time') return 'a time in UTC such as 2026-03-01T03:00:00Z';
      return minLength > 0 ? 'text that is not empty' : 'text';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${least}${more}`;
    case 'number':
      return `a number${least}${more}`;
    default:
      return `an ${type}`;
  }
}

/** `Needed: database, backup, startedBy. Optional: runId`. */
function inWords({ properties = {}, required = [] }: Schema): string {
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return `Needed: ${required.join(', ')}. Optional: ${optional.join(', ')}`;
}
