import { X509Certificate } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { UsageError } from '../errors.ts';
import type { Bundle } from './proxy.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

const FORM = 'it must contain CA certificates that begin with -----BEGIN CERTIFICATE-----';

/** The certificates in a PEM file, as text. Throws UsageError when there is none. */
export const readBundle = (text: string, { path, source }: Bundle): readonly string[] => {
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new UsageError(`${source}: no certificate found in ${path}`, FORM);
  return found;
};

/** How many authorities NODE_EXTRA_CA_CERTS added when Node started. */
export const extraAuthorities = (): number => getCACertificates('extra').length;

/**
 * Trusts these authorities and no others, as the AWS CLI does with AWS_CA_BUNDLE. For the whole process, because AWS's
 * packages and proxies use connections of their own. Throws UsageError when a certificate is damaged.
 */
export const setTrustedAuthorities = (certificates: readonly string[], bundle: Bundle): void => {
  try {
    setDefaultCACertificates(certificates);
  } catch (error) {
    const damaged = certificates.findIndex(isDamaged);
    if (damaged === -1) throw error;
    const which =
      certificates.length === 1 ? 'the certificate' : `certificate ${damaged + 1} of ${certificates.length}`;
    throw new UsageError(`${bundle.source}: ${which} in ${bundle.path} is damaged`, FORM);
  }
};

const isDamaged = (certificate: string): boolean => {
  try {
    new X509Certificate(certificate);
    return false;
  } catch {
    return true;
  }
};
