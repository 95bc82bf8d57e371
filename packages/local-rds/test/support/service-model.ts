import { loadServiceModel, type ServiceModel } from '../../protocol/service-model.ts';
import { botocore } from '../../python/environments.ts';

export { botocore as sitePackages };

let loaded: Promise<ServiceModel> | undefined;

/** The service model, read once a test file. */
export function serviceModel(): Promise<ServiceModel> {
  loaded ??= botocore().then(loadServiceModel);
  return loaded;
}
