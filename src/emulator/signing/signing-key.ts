import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export type CredentialScope = {
  /** YYYYMMDD, UTC. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
};

/** Any name with the form of a Region is accepted. */
export const isRegion = (text: string): boolean => /^[a-z0-9-]{1,64}$/.test(text);

export type SigningKeyOf = (secretAccessKey: string, scope: CredentialScope) => KeyObject;

/** Callers choose date and Region freely, so the number of keys needs a limit. */
const MAX_KEYS = 64;

/** The key that signs the requests of a scope. Source: SigV4 guide, "Derive a signing key". */
export const deriveSigningKey: SigningKeyOf = (secretAccessKey, { date, region, service }) => {
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  return createSecretKey(key as Buffer);
};

/** Derives each key once, which saves four HMACs for each request. */
export const rememberSigningKeys = (derive: SigningKeyOf = deriveSigningKey): SigningKeyOf => {
  const keys = new Map<string, KeyObject>();
  return (secretAccessKey, scope) => {
    const name = `${scope.date}/${scope.region}/${scope.service}/${secretAccessKey}`;
    let key = keys.get(name);
    if (key === undefined) {
      key = derive(secretAccessKey, scope);
      if (keys.size >= MAX_KEYS) keys.clear();
      keys.set(name, key);
    }
    return key;
  };
};
