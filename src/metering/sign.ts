import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { SERVICE } from './wire.ts';

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
