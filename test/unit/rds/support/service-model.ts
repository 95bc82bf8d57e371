import { sitePackages } from '../../../../local/python/site-packages.ts';
import { loadServiceModel, type ServiceModel } from '../../../../local/rds/protocol/service-model.ts';

export { sitePackages };

let loaded: Promise<ServiceModel> | undefined;

/** The service model, read once a test file. */
export function serviceModel(): Promise<ServiceModel> {
  loaded ??= sitePackages().then(loadServiceModel);
  return loaded;
}
