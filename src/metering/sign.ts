import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Checksum, SourceData } from '@smithy/types';
import { SERVICE } from '../usage/wire.ts';

/** Signs a request with Signature Version 4 for this instant. The request itself is not changed. */
export type Sign = (request: HttpRequest, at: Date) => Promise<HttpRequest>;

export type SigningOptions = {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  /** The name in the credential scope; another than the service's own is for AWS's published test vectors. */
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

/** The signer takes a key for each request, derived anew once a day; Node takes as long to prepare one as to sign. */
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

/** Node's SHA-256, or HMAC with it, in the form in which the signer takes it. */
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
