import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

type Certificate = { readonly key: string; readonly cert: string };

export type Certificates = {
  /** To be trusted. */
  readonly authority: string;
  readonly good: Certificate;
  readonly expired: Certificate;
  /** For another host. */
  readonly misnamed: Certificate;
  /** For the hosts of AWS that a test takes the place of. */
  readonly aws: Certificate;
  readonly awsExpired: Certificate;
  readonly selfSigned: Certificate;
};

const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

const GOOD = 'IP:127.0.0.1,IP:::1';

/** A star stands for one label. */
const AWS = [
  'metering.marketplace.us-east-1.amazonaws.com',
  'metering-marketplace.us-east-1.api.aws',
  'metering.marketplace-fips.us-east-1.amazonaws.com',
  'metering.marketplace-fips.us-east-1.api.aws',
  'metering.marketplace.eu-west-1.amazonaws.com',
  '*.metering-marketplace.us-east-1.vpce.amazonaws.com',
  '*.metering-marketplace.eu-west-1.vpce.amazonaws.com',
  '*.us-east-1.amazonaws.com',
  '*.eu-west-1.amazonaws.com',
  '*.eu-central-1.amazonaws.com',
  'portal.sso.eu-west-1.amazonaws.com',
]
  .map(name => `DNS:${name}`)
  .join(',');

/** Certificates for this machine that live as long as a test. Undefined where there is no openssl to make them. */
export const makeCertificates = (): Certificates | undefined => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ampmeter-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const text = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const named = (names: string) => ['-subj', '/CN=ampmeter test', '-addext', `subjectAltName=${names}`];

  const signed = (name: string, names: string, from: string, until: string): Certificate => {
    openssl('req', ...newKey, ...named(names), '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const files = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', `${name}.csr`];
    const span = ['-startdate', from, '-enddate', until];
    openssl('ca', '-batch', '-notext', ...files, ...span, '-out', `${name}.pem`);
    return { key: text(`${name}.key`), cert: text(`${name}.pem`) };
  };

  try {
    openssl('version');
  } catch {
    return undefined;
  }
  try {
    writeFileSync(path.join(folder, 'ca.cnf'), CONFIG);
    writeFileSync(path.join(folder, 'index.txt'), '');
    writeFileSync(path.join(folder, 'serial'), '1000\n');
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=ampmeter test CA',
    );
    openssl('req', '-x509', ...newKey, ...named('IP:127.0.0.1'), '-keyout', 'self.key', '-out', 'self.pem');
    const [past, future] = ['20200101000000Z', '20990101000000Z'];
    return {
      authority: text('ca.pem'),
      good: signed('good', GOOD, past, future),
      expired: signed('expired', GOOD, past, '20200201000000Z'),
      misnamed: signed('misnamed', 'IP:10.0.0.1', past, future),
      aws: signed('aws', AWS, past, future),
      awsExpired: signed('aws-expired', AWS, past, '20200201000000Z'),
      selfSigned: { key: text('self.key'), cert: text('self.pem') },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
