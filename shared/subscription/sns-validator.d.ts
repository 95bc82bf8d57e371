declare module 'sns-validator' {
  /** The package declares no types of its own. */
  export default class MessageValidator {
    /** @param hostPattern what the host of the certificate's address must be, its port included */
    constructor(hostPattern?: RegExp, encoding?: string);
    validate(
      message: Record<string, unknown>,
      callback: (error: Error | null, message?: Record<string, unknown>) => void,
    ): void;
  }
}
