import path from 'node:path';
import { ensurePython } from 'pinned-python';
import { sitePackages } from 'pinned-python/site-packages';
import { workFolder } from '../folders.ts';

const list = (name: string) => path.join(import.meta.dirname, name);

/** The folder of the Python packages with botocore, which carries the service model. Installs them when they are missing. */
export const botocore = async (report?: (detail: string) => void): Promise<string> =>
  sitePackages(await ensurePython(list('requirements.txt'), workFolder, report));

/** The interpreter that has the AWS CLI and boto3, for tests. */
export const clients = (): Promise<string> => ensurePython(list('requirements-clients.txt'), workFolder);
