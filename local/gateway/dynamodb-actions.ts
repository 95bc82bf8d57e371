/** The IAM actions of operations that carry several requests of different kinds. */
const transactionParts: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

const statementVerbs: Readonly<Record<string, string>> = {
  SELECT: 'dynamodb:PartiQLSelect',
  INSERT: 'dynamodb:PartiQLInsert',
  UPDATE: 'dynamodb:PartiQLUpdate',
  DELETE: 'dynamodb:PartiQLDelete',
  EXISTS: 'dynamodb:PartiQLSelect',
};

const transactions = new Set(['TransactWriteItems', 'TransactGetItems']);
const statements = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/** Whether IAM checks the parts of this operation instead of its name. */
export function readsBody(operation: string): boolean {
  return transactions.has(operation) || statements.has(operation);
}

/** AWS authorizes a transaction by its parts, a PartiQL statement by its verb, and all else by name. */
export function dynamodbActions(operation: string, body = ''): string[] {
  if (!readsBody(operation)) return [`dynamodb:${operation}`];
  const [table, found] = transactions.has(operation)
    ? [transactionParts, body.matchAll(/\{\s*"(Put|Update|Delete|ConditionCheck|Get)"\s*:/g)]
    : [statementVerbs, body.matchAll(/"Statement"\s*:\s*"\s*(\w+)/g)];
  const actions = [...found].map(([, part = '']) => table[part] ?? table[part.toUpperCase()]);
  const known = [...new Set(actions.filter((action) => action !== undefined))];
  return known.length > 0 ? known : [`unknown:dynamodb ${operation}`];
}
