import type { Scope } from '../state/collection.ts';

export type { Scope };

/** The key that every account has for RDS. */
export const defaultKey = 'alias/aws/rds';

/** A key that data is encrypted under, as its service knows it. */
export interface Key {
  readonly arn: string;
  readonly enabled: boolean;
}

/** Where keys are looked up. Nothing is encrypted here; that a key is there and enabled is what is held. */
export interface Keys {
  /** By id, ARN, or alias, with or without its ARN. Undefined when there is no such key in that Region. */
  find(reference: string, scope: Scope): Promise<Key | undefined>;
}

/** For a service that runs alone: any well-formed reference to a key of the same Region is one, and is enabled. */
export const anyKey: Keys = {
  find: async (reference, { account, region }) => {
    const [, keyRegion] = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/.+$/.exec(reference) ?? [];
    if (keyRegion !== undefined) return keyRegion === region ? { arn: reference, enabled: true } : undefined;
    if (!/^(alias\/)?[A-Za-z0-9/_-]+$/.test(reference)) return undefined;
    const path = reference.startsWith('alias/') ? reference : `key/${reference}`;
    return { arn: `arn:aws:kms:${region}:${account}:${path}`, enabled: true };
  },
};
