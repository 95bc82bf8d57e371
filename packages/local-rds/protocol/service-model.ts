import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** A type of the service, as botocore's model describes it. Names of other shapes, not the shapes themselves. */
export interface Shape {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'integer'
    | 'long'
    | 'double'
    | 'boolean'
    | 'timestamp';
  readonly members?: Readonly<Record<string, Reference>>;
  readonly required?: readonly string[];
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly flattened?: boolean;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
  readonly exception?: boolean;
  readonly error?: { readonly code: string; readonly httpStatusCode: number; readonly senderFault?: boolean };
}

/** Where a shape is used, and the name it has on the wire there. */
export interface Reference {
  readonly shape: string;
  readonly locationName?: string;
}

/** One action of the service. */
export interface Operation {
  readonly name: string;
  readonly input: Reference;
  readonly output?: Reference & { readonly resultWrapper?: string };
  readonly errors: readonly Reference[];
}

/** How one action pages: the member of the answer that is cut into pages. */
export interface Pagination {
  readonly result_key: string;
  readonly limit_key: string;
}

/** The official description of the API: every shape that is parsed, checked or written comes from here. */
export interface ServiceModel {
  readonly metadata: { readonly apiVersion: string; readonly xmlNamespace: string };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly pagination: Readonly<Record<string, Pagination>>;
}

/** The Python packages hold no model of RDS. */
export class ServiceModelMissing extends Error {
  override readonly name = 'ServiceModelMissing';

  constructor(folder: string, options: ErrorOptions) {
    super(
      `No model of RDS in ${folder}. Expected: service-2.json.gz, as botocore ships it. ` +
        'Give the site-packages folder of a Python environment in which botocore is installed.',
      options,
    );
  }
}

/** Reads the model of RDS from a Python environment's site-packages. */
export async function loadServiceModel(sitePackages: string): Promise<ServiceModel> {
  const folder = path.join(sitePackages, 'botocore', 'data', 'rds', '2014-10-31');
  try {
    const [model, pagination] = await Promise.all([
      readFile(path.join(folder, 'service-2.json.gz')).then((bytes) => promisify(gunzip)(bytes)),
      readFile(path.join(folder, 'paginators-1.json'), 'utf8'),
    ]);
    const parsed = withoutDocumentation(model.toString('utf8')) as Omit<ServiceModel, 'pagination'>;
    return { ...parsed, pagination: JSON.parse(pagination).pagination };
  } catch (error) {
    throw new ServiceModelMissing(folder, { cause: error });
  }
}

/** Nine tenths of the model are prose, which would stay in memory for nothing. */
function withoutDocumentation(text: string): unknown {
  return JSON.parse(text, (key, value) =>
    key === 'documentation' && typeof value === 'string' ? undefined : value,
  );
}
