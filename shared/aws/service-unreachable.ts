import { LifeboatError } from '../errors/lifeboat-error.ts';

/** A call of AWS as errors name it. */
export interface NamedCall {
  /** The SDK's name of the service: `Secrets Manager`. */
  readonly service: string;
  /** `GetSecretValue` */
  readonly action: string;
  readonly region: string;
}

/** `SQS GetQueueUrl in Region eu-west-1` */
export function callInWords({ service, action, region }: NamedCall): string {
  return `${service} ${action} in Region ${region}`;
}

/** No response came from a service of AWS in every attempt of a call: there may be no way to it. */
export class ServiceUnreachable extends LifeboatError {
  override readonly name = 'ServiceUnreachable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
  /** False if no connection was made, so that nothing was sent. True if the call may have had its effect. */
  readonly mayBeDone: boolean;

  /** @param subnets those of the function that calls; empty for any other caller, or a function outside a VPC */
  constructor(
    call: NamedCall,
    { mayBeDone, subnets, cause }: { mayBeDone: boolean; subnets: readonly string[]; cause: Error },
  ) {
    const what = `${callInWords(call)}: ${mayBeDone ? 'no response' : 'no connection'} (${cause.message})`;
    super(`${what}. ${nextStep(call, subnets)}`, { cause });
    this.mayBeDone = mayBeDone;
  }
}

function nextStep({ service, region }: NamedCall, subnets: readonly string[]): string {
  if (subnets.length === 0)
    return `Look at the way from here to ${service} in ${region}: DNS, proxy, firewall, endpoint`;
  return (
    `There may be no way to ${service} from the function's subnets ${subnets.join(', ')}: look at their route tables, ` +
    `and at the NAT gateway or the VPC endpoint of ${service}, with its security groups (port 443) and private DNS`
  );
}
