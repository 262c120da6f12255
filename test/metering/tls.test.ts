import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import { UsageError } from '../../src/errors.ts';
import { readBundle, setTrustedAuthorities } from '../../src/metering/tls.ts';
import { makeCertificates } from './certificates.ts';

const certificates = makeCertificates();
const skip = certificates === undefined && 'there is no openssl to make certificates';
const made = () => certificates as NonNullable<typeof certificates>;

const BUNDLE = { path: '/etc/corp.pem', source: 'AWS_CA_BUNDLE' };

test('a bundle has all its certificates, whatever stands between them', { skip }, () => {
  const { authority, selfSigned } = made();
  const both = [authority.trim(), selfSigned.cert.trim()];
  for (const text of [
    both.join('\n'),
    `\uFEFF# the company's\r\n${both.join('\r\n\r\n')}\r\n`,
    `subject=CN=x\n${both[0]}\nissuer=y\n${both[1]}`,
  ]) {
    assert.deepEqual(readBundle(text, BUNDLE), both);
  }
});

test('a bundle without a certificate is refused by name', { skip }, () => {
  const { good } = made();
  for (const text of ['', '\n', 'hello', good.key, '-----BEGIN CERTIFICATE-----\nMIIB']) {
    assert.throws(
      () => readBundle(text, BUNDLE),
      (error: unknown) =>
        error instanceof UsageError &&
        error.message === 'AWS_CA_BUNDLE: no certificate found in /etc/corp.pem' &&
        error.exitCode === 2,
    );
  }
});

test('a damaged certificate is pointed at', { skip }, () => {
  const { authority } = made();
  const damaged = authority.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  const before = getCACertificates();
  const trust = (text: string) => setTrustedAuthorities(readBundle(text, BUNDLE), BUNDLE);
  assert.throws(
    () => trust(authority + damaged),
    /^UsageError: AWS_CA_BUNDLE: certificate 2 of 2 in \/etc\/corp\.pem is damaged$/,
  );
  assert.throws(
    () => trust(damaged),
    /^UsageError: AWS_CA_BUNDLE: the certificate in \/etc\/corp\.pem is damaged$/,
  );
  assert.deepEqual(getCACertificates(), before);
});
