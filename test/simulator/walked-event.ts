/** What an execution did, for coverage; `index` is the position in Choices, Catch or Retry. */
export type WalkedEvent =
  | { readonly kind: 'entered' | 'ended' | 'default'; readonly state: string }
  | {
      readonly kind: 'rule' | 'caught' | 'retried' | 'exhausted';
      readonly state: string;
      readonly index: number;
    };
