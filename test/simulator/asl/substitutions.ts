import { jsonPath, UnsupportedAsl } from './unsupported-asl.ts';

/** `DefinitionSubstitutions` of AWS::StepFunctions::StateMachine: names in the file, ARNs and the like on deployment. */
export type Substitutions = Readonly<Record<string, string>>;

/**
 * Replaces each `${Name}` in every string of a definition, as CloudFormation does on deployment.
 * The result of a substitution is always a string, so `"TimeoutSeconds": "${Limit}"` is refused later, as on AWS.
 */
export function substitute(
  node: unknown,
  substitutions: Substitutions,
  keys: readonly PropertyKey[] = [],
): unknown {
  if (typeof node === 'string') {
    return node.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = substitutions[name];
      if (value === undefined)
        throw new UnsupportedAsl(jsonPath(keys), `no substitution is given for \${${name}}`);
      return value;
    });
  }
  if (Array.isArray(node))
    return node.map((item, index) => substitute(item, substitutions, [...keys, index]));
  if (typeof node === 'object' && node !== null) {
    const entries = Object.entries(node);
    return Object.fromEntries(
      entries.map(([key, value]) => [key, substitute(value, substitutions, [...keys, key])]),
    );
  }
  return node;
}
