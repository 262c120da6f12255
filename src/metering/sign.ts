import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Checksum, SourceData } from '@smithy/types';
import { SERVICE } from '../usage/wire.ts';

/** Signs a copy of the request with Signature Version 4 for this instant. */
export type Sign = (request: HttpRequest, at: Date) => Promise<HttpRequest>;

type SigningOptions = {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  /** The service name in the credential scope. */
  readonly service?: string;
};

export const createSigner = ({
  region,
  credentials,
  service = SERVICE.signingName,
}: SigningOptions): Sign => {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  return async (request, at) =>
    HttpRequest.clone((await signer.sign(request, { signingDate: at })) as HttpRequest);
};

/** The signer uses a key that changes once a day. Preparing it takes Node as long as signing, so keys are kept. */
const prepared = new Map<string, KeyObject>();

const prepare = (secret: SourceData): KeyObject => {
  const bytes = toBuffer(secret);
  const name = bytes.toString('latin1');
  const key = prepared.get(name) ?? createSecretKey(bytes);
  prepared.set(name, key);
  return key;
};

const toBuffer = (data: SourceData): Buffer => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
};

/** Node's SHA-256 or HMAC-SHA-256 in the form that the signer requires. */
class Sha256 implements Checksum {
  readonly #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', prepare(secret));
  }

  update(data: SourceData): void {
    this.#hash.update(toBuffer(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}
