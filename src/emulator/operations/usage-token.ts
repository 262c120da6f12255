import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
} from 'node:crypto';

/** What RegisterUsage signs; `iat` is in epoch seconds. */
type UsageClaims = { readonly iat: number } & (
  | { readonly productCode: string; readonly publicKeyVersion: number; readonly nonce?: string }
  | { readonly ProductCode: string; readonly PublicKeyVersion: number; readonly Nonce?: string }
);

export type TokenSigner = {
  /** The claims as a JSON Web Token, signed with RSA-PSS and SHA-256. */
  readonly sign: (claims: UsageClaims) => Promise<string>;
  /** The public key, as AWS shows it when a container product is created. */
  readonly publicKeyPem: () => Promise<string>;
  /** Uses this key, in PEM, from now on. Throws when it is not a private key. */
  readonly restore: (privateKeyPem: string) => void;
};

/** Signs RegisterUsage replies. The key pair is created on first use, because that is slow; `note` is called with it. */
export const createTokenSigner = (note: (privateKeyPem: string) => void = () => {}): TokenSigner => {
  let keys: Promise<SigningKeys> | undefined;
  const getKeys = (): Promise<SigningKeys> => {
    keys ??= newKeys().then(made => {
      note(pemOf(made.privateKey));
      return made;
    });
    return keys;
  };
  return {
    sign: async claims => {
      const { privateKey } = await getKeys();
      const text = `${base64url({ alg: 'PS256', typ: 'JWT' })}.${base64url(claims)}`;
      const signature = sign('sha256', Buffer.from(text), {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
      return `${text}.${signature.toString('base64url')}`;
    },
    publicKeyPem: async () => {
      const { publicKey } = await getKeys();
      return publicKey.export({ type: 'spki', format: 'pem' }).toString();
    },
    restore: privateKeyPem => {
      const privateKey = createPrivateKey(privateKeyPem);
      keys = Promise.resolve({ privateKey, publicKey: createPublicKey(privateKey) });
    },
  };
};

const pemOf = (privateKey: KeyObject): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

type SigningKeys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const newKeys = (): Promise<SigningKeys> =>
  new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength: 2048 }, (error, publicKey, privateKey) => {
      if (error === null) resolve({ publicKey, privateKey });
      else reject(error);
    });
  });

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
