declare module 'asl-validator' {
  /** The package declares no types for its exports. */
  export default function validate(definition: object): {
    isValid: boolean;
    errorsText(separator: string): string;
  };
}
