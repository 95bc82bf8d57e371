declare module 'sns-validator' {
  /** The package declares no types of its own. */
  export default class MessageValidator {
    /** @param hostPattern must match the host of the certificate's address, including its port */
    constructor(hostPattern?: RegExp, encoding?: string);
    validate(
      message: Record<string, unknown>,
      callback: (error: Error | null, message?: Record<string, unknown>) => void,
    ): void;
  }
}
