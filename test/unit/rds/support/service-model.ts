import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ensurePython } from '../../../../local/python/ensure-python.ts';
import { loadServiceModel, type ServiceModel } from '../../../../local/rds/protocol/service-model.ts';

/** Where the packages of the local AWS's Python environment are, botocore among them. */
export async function sitePackages(): Promise<string> {
  const library = path.join(path.dirname(await ensurePython('ministack')), '..', 'lib');
  const [version] = (await readdir(library)).filter((name) => name.startsWith('python'));
  if (version === undefined) throw new Error(`No Python library in ${library}.`);
  return path.resolve(library, version, 'site-packages');
}

let loaded: Promise<ServiceModel> | undefined;

/** The service model, read once a test file. */
export function serviceModel(): Promise<ServiceModel> {
  loaded ??= sitePackages().then(loadServiceModel);
  return loaded;
}
