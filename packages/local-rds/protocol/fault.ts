import type * as sdk from '@aws-sdk/client-rds';
import type { ServiceModel } from './service-model.ts';

/** A fault of the service model, by the name of its shape, which is also its class in the SDK. */
export type ModelledFault = {
  [Name in keyof typeof sdk]: (typeof sdk)[Name] extends new (
    options: never,
  ) => sdk.RDSServiceException
    ? Name
    : never;
}[keyof typeof sdk];

/**
 * Errors that any action may answer and that the model does not hold, with their HTTP status: "Common Errors" of the
 * RDS API Reference.
 */
const commonStatus = {
  AccessDenied: 403,
  IncompleteSignature: 403,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  InvalidQueryParameter: 400,
  MalformedInput: 400,
  MalformedQueryString: 404,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  MissingParameter: 400,
  NoSuchVersion: 400,
  RequestEntityTooLarge: 413,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  UnsupportedMediaType: 415,
  ValidationError: 400,
} as const;

export type CommonFault = keyof typeof commonStatus;

/** The service refuses a request. What the caller sees of it is its code and its message. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly fault: ModelledFault | CommonFault;

  constructor(fault: ModelledFault | CommonFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** How a fault goes over the wire. */
export interface WireFault {
  readonly code: string;
  readonly status: number;
  readonly type: 'Sender' | 'Receiver';
}

/** Code and status of a fault: from the model, or from the list of common errors. */
export function wireFault(model: ServiceModel, fault: Fault['fault']): WireFault {
  const common = (commonStatus as Record<string, number>)[fault];
  const modelled = model.shapes[fault]?.error;
  const [code, status] = modelled ? [modelled.code, modelled.httpStatusCode] : [fault, common ?? 500];
  return { code, status, type: status < 500 ? 'Sender' : 'Receiver' };
}
