import { X509Certificate } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { UsageError } from '../errors.ts';
import type { Bundle } from './proxy.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

const FORM = 'it must contain CA certificates that begin with -----BEGIN CERTIFICATE-----';

/** The certificates in a PEM file. Throws UsageError when there is none, or one is damaged. */
export const readBundle = (text: string, { path, source }: Bundle): readonly string[] => {
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new UsageError(`${source}: no certificate found in ${path}`, FORM);
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      const which = found.length === 1 ? 'the certificate' : `certificate ${index + 1} of ${found.length}`;
      throw new UsageError(`${source}: ${which} in ${path} is damaged`, FORM);
    }
  }
  return found;
};

/** How many authorities NODE_EXTRA_CA_CERTS added when Node started. */
export const extraAuthorities = (): number => getCACertificates('extra').length;

/**
 * Trusts these authorities and no others, as the AWS CLI does with AWS_CA_BUNDLE. For the whole process, because AWS's
 * packages and proxies use connections of their own.
 */
export const setTrustedAuthorities = (certificates: readonly string[]): void =>
  setDefaultCACertificates(certificates);
