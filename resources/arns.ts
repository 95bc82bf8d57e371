/** ARNs of what a plan names, in the account and Region of the stack, each once. */
export function arns(service: 'sqs' | 'sns' | 'lambda', names: readonly string[]): object[] {
  return [...new Set(names)].map((name) => arn(service, service === 'lambda' ? `function:${name}` : name));
}

/**
 * Secrets Manager adds a hyphen and six characters to a secret's name.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
 */
export function secretArns(names: readonly string[]): object[] {
  return [...new Set(names)].map((name) => arn('secretsmanager', `secret:${name}-??????`));
}

/** Every key of the account and Region: a condition says which. */
export function keyArns(): object[] {
  return [arn('kms', 'key/*')];
}

function arn(service: string, resource: string): object {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}` };
}
