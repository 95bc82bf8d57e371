import { Fault } from '../../protocol/fault.ts';
import type { Service } from '../service.ts';

export const engineName = 'postgres';

/** The family of parameter groups that fit the one engine there is. */
export const familyOf = (service: Service) => `postgres${majorOf(service)}`;

export const majorOf = ({ engineVersion }: Service) => engineVersion.split('.')[0] ?? '';

/** Throws InvalidParameterValue for another engine, InvalidParameterCombination for another version. */
export function checkEngine(service: Service, engine: string | undefined, version: string | undefined): void {
  if (engine !== undefined && engine !== engineName)
    throw new Fault('InvalidParameterValue', `Invalid DB engine: ${engine}. This service has ${engineName}.`);
  if (version !== undefined && version !== service.engineVersion && version !== majorOf(service)) {
    throw new Fault(
      'InvalidParameterCombination',
      `Cannot find version ${version} for ${engineName}. This service has ${service.engineVersion}.`,
    );
  }
}

/** The one license model of the engine. Throws InvalidParameterCombination for another. */
export function checkLicense(model: string | undefined): string {
  if (model === undefined || model === 'postgresql-license') return 'postgresql-license';
  throw new Fault(
    'InvalidParameterCombination',
    `License model ${model} is not valid for engine ${engineName}. Expected: postgresql-license.`,
  );
}
