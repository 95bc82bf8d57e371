import { SUBNETS } from '../shared/lambda/environment.ts';
import type { Lambda } from './capabilities.ts';
import { camelCase } from './named-resources.ts';

/** A plan's network, in the Serverless Framework's format. Empty if the plan names none. */
export interface Network {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

/** The `functions` of serverless.yml: the `functions.yml` entry of each Lambda, plus what follows from its name. */
export function deriveFunctions(
  lambdas: readonly Lambda[],
  network: Network,
  memory: number,
): Record<string, object> {
  return Object.fromEntries(
    lambdas.map(({ name, deployedName, role, settings: { vpc, memorySize, startedBy: _, ...settings } }) => [
      camelCase(name),
      {
        ...settings,
        memorySize: memorySize === 'plan' ? memory : memorySize,
        name: deployedName,
        handler: `dist/${name}/index.handler`,
        role,
        package: { patterns: [`dist/${name}/**`] },
        ...(vpc === 'plan' && inNetwork(network, settings.environment)),
      },
    ]),
  );
}

/** A function in a network, which names its subnets when it finds no way out of them. */
function inNetwork(network: Network, environment: Lambda['settings']['environment']): object {
  if (network.subnetIds.length === 0) return { vpc: network };
  return { vpc: network, environment: { ...environment, [SUBNETS]: network.subnetIds.join(',') } };
}
