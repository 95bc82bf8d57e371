declare module 'asl-validator' {
  /** The package declares no types of its own for what it exports. */
  export default function validate(definition: object): {
    isValid: boolean;
    errorsText(separator: string): string;
  };
}
