import { OPERATIONS, type Operation, targetOf } from '../../../src/usage/wire.ts';
import { isRightInput } from './right-input.ts';
import type { ParsedRequest } from './wire-bytes.ts';

/** A request as it was signed for this service, with a key that exists, at a time that is now. */
export type Signed = {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The signature says nothing about the body. */
  readonly unsignedBody: boolean;
};

export type Judged = { readonly operation: Operation; readonly input: Readonly<Record<string, unknown>> };

/**
 * What a request may be answered with 200; undefined: it may not. No cryptography: nobody can make a signature, so a
 * request is right when all that one of ours stands for is still as it was, and only what nobody signs has changed.
 */
export const judge = (
  { method, target, headers, body }: ParsedRequest,
  signatures: ReadonlyMap<string, Signed>,
): Judged | undefined => {
  const [path, query = ''] = target.split(/\?(.*)/s);
  if (method !== 'POST' || path !== '/' || body.length >= 1_000_000) return undefined;
  const authorization = headers.get('authorization')?.join(',').trim() || undefined;
  const parameters = parametersOf(query);
  const inQuery = parameters.filter(([name]) => name === 'X-Amz-Signature');
  const signature = inQuery[0]?.[1] ?? /Signature=([0-9a-f]{64})(?![^,\s])/.exec(authorization ?? '')?.[1];
  const signed = signatures.get(signature ?? '');
  if (signed === undefined) return undefined;
  if (inQuery.length > 1 || (inQuery.length === 1 && authorization !== undefined)) return undefined;
  if (!sameParameters(parameters, parametersOf(signed.target.split('?')[1] ?? ''))) return undefined;
  if (!sameAuthorization(authorization, signed.headers.authorization)) return undefined;
  for (const [name, value] of Object.entries(signed.headers)) {
    if (name !== 'authorization' && plain(headers.get(name)?.join(',')) !== plain(value)) return undefined;
  }
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && signed.headers[name] === undefined) return undefined;
  }
  if (headers.has('origin')) return undefined;
  if (!signed.unsignedBody && !body.equals(signed.body)) return undefined;

  const operation = OPERATIONS.find(name => targetOf(name) === headers.get('x-amz-target')?.join(','));
  const type = headers.get('content-type')?.join(',').split(';')[0]?.trim().toLowerCase();
  if (operation === undefined || type !== 'application/x-amz-json-1.1') return undefined;
  const input = parsed(body);
  return isRightInput(operation, input) ? { operation, input: input as Judged['input'] } : undefined;
};

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
};

const plain = (value: string | undefined): string | undefined => value?.trim().replace(/ +/g, ' ');

type Parameters = readonly (readonly [name: string, value: string])[];

const parametersOf = (query: string): Parameters =>
  query
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      return [decoded(name), decoded(value)];
    });

const decoded = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const sameParameters = (a: Parameters, b: Parameters): boolean =>
  JSON.stringify(a.map(part => part.join('=')).sort()) ===
  JSON.stringify(b.map(part => part.join('=')).sort());

/** The three parts, in whatever order and spacing; names of headers in whatever case. */
const sameAuthorization = (a: string | undefined, b: string | undefined): boolean => {
  if (a === undefined || b === undefined) return a === b;
  const parts = (text: string): Readonly<Record<string, string | undefined>> =>
    Object.fromEntries(
      text
        .replace(/^AWS4-HMAC-SHA256\s+/, '')
        .split(',')
        .map(part => part.trim().split(/\s*=(.*)/s, 2)),
    );
  const [x, y] = [parts(a), parts(b)];
  const names = (text = ''): string =>
    text
      .toLowerCase()
      .split(';')
      .map(name => name.trim())
      .sort()
      .join(';');
  return (
    a.startsWith('AWS4-HMAC-SHA256') &&
    x.Credential?.trim() === y.Credential &&
    x.Signature?.trim() === y.Signature &&
    names(x.SignedHeaders) === names(y.SignedHeaders)
  );
};
