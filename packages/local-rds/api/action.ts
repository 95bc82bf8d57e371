import type * as sdk from '@aws-sdk/client-rds';
import { Fault } from '../protocol/fault.ts';
import type { Call } from './service.ts';

type CommandsOf<Key> = Key extends `${infer Name}Command` ? Name : never;

/** An action of RDS, by the name that the SDK has a command for. */
export type ActionName = CommandsOf<keyof typeof sdk>;

type CommandOf<Name extends ActionName> = InstanceType<(typeof sdk)[`${Name}Command`]>;
/** The SDK's types are made from the same service model by which requests are read and answers written. */
export type InputOf<Name extends ActionName> = CommandOf<Name>['input'];
export type OutputOf<Name extends ActionName> = Omit<
  Awaited<ReturnType<ReturnType<CommandOf<Name>['resolveMiddleware']>>>['output'],
  '$metadata'
>;

/** One action that this service performs. */
export interface Action {
  readonly name: ActionName;
  /** Parameters that have an effect or are at least shown; every other one of the model is refused. */
  readonly parameters: readonly string[];
  /** ARNs of what the request is about. A caller needs the permission for each of them. */
  readonly resources: (call: Call, input: never) => readonly string[];
  perform(call: Call, input: unknown): Promise<unknown>;
}

interface Definition<Name extends ActionName> {
  readonly parameters: readonly (keyof InputOf<Name> & string)[];
  readonly resources?: (call: Call, input: InputOf<Name>) => readonly string[];
  readonly perform: (call: Call, input: InputOf<Name>) => OutputOf<Name> | Promise<OutputOf<Name>>;
}

/** Declares an action. A parameter that has no effect here is refused rather than passed over in silence. */
export function action<Name extends ActionName>(name: Name, definition: Definition<Name>): Action {
  const { parameters, resources = () => ['*'] } = definition;
  return {
    name,
    parameters,
    resources,
    async perform(call, input) {
      for (const parameter of Object.keys(input as object)) {
        if (!(parameters as readonly string[]).includes(parameter)) {
          const supported = `Supported: ${[...parameters].sort().join(', ')}.`;
          throw new Fault(
            'InvalidParameterCombination',
            `${name} with ${parameter} is not supported by this service. ${supported}`,
          );
        }
      }
      return definition.perform(call, input as InputOf<Name>);
    },
  };
}
