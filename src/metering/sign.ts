import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
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

const NO_DATA = Buffer.alloc(0);

/**
 * Node's SHA-256 or HMAC-SHA-256 in the form that the signer requires. It updates each with all data at once: a hash of that
 * needs no object of Node.
 */
class Sha256 implements Checksum {
  readonly #key: KeyObject | undefined;
  #data: Buffer = NO_DATA;

  constructor(secret?: SourceData) {
    this.#key = secret === undefined ? undefined : prepare(secret);
  }

  update(data: SourceData): void {
    const bytes = toBuffer(data);
    this.#data = this.#data.length === 0 ? bytes : Buffer.concat([this.#data, bytes]);
  }

  digest(): Promise<Uint8Array> {
    const digest =
      this.#key === undefined
        ? hash('sha256', this.#data, 'buffer')
        : createHmac('sha256', this.#key).update(this.#data).digest();
    return Promise.resolve(digest);
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}
