import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Random } from '../../../src/emulator/faults/random.ts';
import { below, shuffled } from '../../../src/emulator/faults/random.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { type Inputs, type Operation, targetOf, type WireRecord } from '../../../src/usage/wire.ts';
import { NOW } from '../setup.ts';
import type { Signed } from './oracle.ts';
import { between, chance, pick } from './random.ts';

/** Head and body of a request, before anything is broken. */
export type Drawn = {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signature: string;
  /** Undefined: the signature is good for nothing. */
  readonly signed: Signed | undefined;
};

/** Few RegisterUsage: each costs the emulator an RSA signature. */
const operationOf = (dice: Random): Operation => {
  const drawn = dice();
  if (drawn < 0.6) return 'BatchMeterUsage';
  if (drawn < 0.8) return 'MeterUsage';
  return drawn < 0.98 ? 'ResolveCustomer' : 'RegisterUsage';
};

const HOUR = 3600;

const recently = (hours: number, dice: Random): number => {
  const at = NOW.getTime() / 1000 - below(hours * HOUR, dice);
  return chance(0.3, dice) ? at - 0.25 : at;
};

const allocationsOf = (quantity: number, dice: Random): NonNullable<WireRecord['UsageAllocations']> => {
  const first = below(quantity + 1, dice);
  const tags = ['team', 'für', 'a b', 'x'].filter(key => /^[a-z ]+$/.test(key)).slice(0, between(1, 3, dice));
  return [
    { AllocatedUsageQuantity: first, Tags: tags.map(Key => ({ Key, Value: `v${below(9, dice)}` })) },
    { AllocatedUsageQuantity: quantity - first },
  ];
};

const payerOf = (way: number, dice: Random): Partial<WireRecord> => {
  if (way === 0) return { CustomerIdentifier: pick(['ifAPi5AcF3', 'not_subscribed'], dice) };
  const account = { CustomerAWSAccountId: pick(['111122223333', '404404404404'], dice) };
  return way === 1
    ? account
    : { ...account, LicenseArn: 'arn:aws:license-manager::123456789012:license:l-1' };
};

const batchOf = (mark: string, dice: Random): Inputs['BatchMeterUsage'] => {
  const way = below(3, dice);
  const records = Array.from(
    { length: chance(0.1, dice) ? 25 : between(0, 4, dice) },
    (_, place): WireRecord => {
      const quantity = chance(0.1, dice) ? 2 ** 31 - 1 : below(1000, dice);
      return {
        Timestamp: recently(23, dice),
        ...payerOf(way, dice),
        Dimension: `${mark}.${place}${chance(0.1, dice) ? ' für "€" \u2028' : ''}`,
        ...(chance(0.9, dice) && { Quantity: quantity }),
        ...(chance(0.25, dice) && { Quantity: quantity, UsageAllocations: allocationsOf(quantity, dice) }),
      };
    },
  );
  return { ...(way < 2 && { ProductCode: 'product' }), UsageRecords: records };
};

const inputOf = (operation: Operation, mark: string, dice: Random): Inputs[Operation] => {
  switch (operation) {
    case 'BatchMeterUsage':
      return batchOf(mark, dice);
    case 'MeterUsage':
      return {
        ProductCode: 'product',
        Timestamp: recently(5, dice),
        UsageDimension: mark,
        UsageQuantity: below(1000, dice),
        ...(chance(0.5, dice) && { ClientToken: mark }),
        ...(chance(0.2, dice) && { DryRun: chance(0.5, dice) }),
      };
    case 'RegisterUsage':
      return { ProductCode: 'product', PublicKeyVersion: between(1, 5, dice), Nonce: mark };
    case 'ResolveCustomer':
      return { RegistrationToken: pick(['test_token', 'test_token_legacy', 'test_token_new'], dice) };
    default:
      return operation satisfies never;
  }
};

/** An input that the emulator must carry out; `mark` is in the names of what it records. */
export const rightInput = (
  mark: string,
  dice: Random,
): { readonly operation: Operation; readonly input: Inputs[Operation] } => {
  const operation = operationOf(dice);
  return { operation, input: inputOf(operation, mark, dice) };
};

const MINUTE = 60_000;

type Signing = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly service: string;
  readonly region: string;
  readonly at: Date;
};

/** How a signature comes to be worthless although it is one. */
const UNSOUND: readonly [Partial<Signing>, ...Partial<Signing>[]] = [
  { secretAccessKey: `${KEY_PAIR.secretAccessKey.slice(0, -1)}y` },
  { accessKeyId: 'AKIDEXAMPLF' },
  { service: 'execute-api' },
  { region: 'us east' },
  { at: new Date(NOW.getTime() - 16 * MINUTE) },
  { at: new Date(NOW.getTime() + 16 * MINUTE) },
];

/** Signs as AWS's clients do, in the headers or as a presigned URL. */
export const sign = async (
  operation: Operation,
  body: Buffer,
  host: string,
  dice: Random,
): Promise<Drawn> => {
  const unsound = chance(0.1, dice) ? pick(UNSOUND, dice) : undefined;
  const signing: Signing = {
    ...KEY_PAIR,
    service: 'aws-marketplace',
    region: pick(['us-east-1', 'eu-west-1', 'cn-northwest-1'], dice),
    at: NOW,
    ...unsound,
  };
  const unsignedBody = chance(0.05, dice);
  const inQuery = chance(0.2, dice);
  const { accessKeyId, secretAccessKey, service, region, at } = signing;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(chance(0.1, dice) && { sessionToken: 'IQoJb3/+=' }) },
    sha256: Sha256,
    applyChecksum: chance(0.5, dice),
  });
  const [hostname = '', port = ''] = host.split(':');
  const request = new HttpRequest({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': targetOf(operation),
      ...(unsignedBody && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    },
    body,
  });
  const made = inQuery
    ? await signer.presign(request, {
        signingDate: at,
        expiresIn: 300,
        unhoistableHeaders: new Set(['x-amz-target', 'x-amz-content-sha256']),
      })
    : await signer.sign(request, { signingDate: at });
  const target = targetText(made.query as Readonly<Record<string, string>>, dice);
  const names = inQuery
    ? String(made.query?.['X-Amz-SignedHeaders'])
    : (/SignedHeaders=([^,]+)/.exec(made.headers['authorization'] ?? '')?.[1] ?? '');
  const signature = inQuery
    ? String(made.query?.['X-Amz-Signature'])
    : (/Signature=([0-9a-f]+)/.exec(made.headers['authorization'] ?? '')?.[1] ?? '');
  const isSigned = new Set([...names.split(';'), 'authorization']);
  const signed = {
    target,
    headers: Object.fromEntries(Object.entries(made.headers).filter(([name]) => isSigned.has(name))),
    body,
    unsignedBody,
  };
  return {
    target,
    headers: made.headers,
    body,
    signature,
    signed: unsound === undefined ? signed : undefined,
  };
};

/** The parameters in any order: the signature does not depend on it. */
const targetText = (query: Readonly<Record<string, string>>, dice: Random): string => {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? '/' : `/?${shuffled(parts, dice).join('&')}`;
};
