import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { readPart, type TemplatePart } from './read-part.ts';

/** The tables, by logical id, with the file that describes each. */
const TABLES = { Journal: 'journal', Ledger: 'ledger' } as const;
type Table = keyof typeof TABLES;

/**
 * Journal and ledger. With a standby Region they are global tables, which the primary stack owns: AWS lets exactly one stack in one
 * Region own a global table. The standby stack finds its replicas by their name.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-globaltable.html
 */
export function deriveTables({ regions, failover }: Plan, role: StackRole): TemplatePart {
  const parts = Object.entries(TABLES).map(([id, file]) => {
    const { Resources, Outputs } = readPart(file);
    if (role === 'alone') return { Resources, Outputs };
    if (role === 'standby') return { Resources: {}, Outputs: nameInstead(Outputs, id as Table) };
    return { Resources: { [id]: globalTable(Resources[id] as SingleTable, id as Table, regions) }, Outputs };
  });
  // Not a global table: what says that the primary is lost must not depend on it, nor be written by it.
  if (role === 'standby' && failover) parts.push(readPart('failover'));
  return {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...parts.map(({ Outputs }) => Outputs)),
  };
}

/** Whatever refers to a table of the stack, referring to the replica of the same name instead. */
export function referToReplicas<Part>(part: Part): Part {
  return replaced(part) as Part;
}

function replaced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value && isTable(value.Ref)) return nameOf(value.Ref);
  if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])) {
    const [id, attribute] = value['Fn::GetAtt'];
    if (isTable(id) && attribute === 'Arn') return arnOf(id);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner)]));
}

function isTable(id: unknown): id is Table {
  return typeof id === 'string' && Object.hasOwn(TABLES, id);
}

/** The same in both Regions, because replicas share the name of their table. */
function nameOf(table: Table): { 'Fn::Sub': string } {
  return { 'Fn::Sub': `\${AWS::StackName}-${TABLES[table]}` };
}

function arnOf(table: Table): { 'Fn::Sub': string } {
  const name = nameOf(table)['Fn::Sub'];
  return { 'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${name}` };
}

function nameInstead(outputs: TemplatePart['Outputs'], table: Table): TemplatePart['Outputs'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([id, output]) => [id, { ...output, Value: nameOf(table) }]),
  );
}

interface SingleTable {
  readonly Properties: { readonly PointInTimeRecoverySpecification: object };
}

/**
 * The AWS-managed key of DynamoDB encrypts each replica: a key of our own would have to be named for each Region. Streams are what
 * replicas are written by.
 */
function globalTable(
  { Properties, ...table }: SingleTable,
  id: Table,
  { primary, standby }: Plan['regions'],
): object {
  const { PointInTimeRecoverySpecification, ...properties } = Properties;
  return {
    ...table,
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      TableName: nameOf(id),
      ...properties,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [primary, standby].map((Region) => ({ Region, PointInTimeRecoverySpecification })),
    },
  };
}
