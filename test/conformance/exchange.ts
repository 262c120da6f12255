import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { SERVICE, targetOf } from '../../src/usage/wire.ts';
import type { Step } from './row.ts';
import type { Target } from './target.ts';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

const CLOUDTRAIL_TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents';

type Call = { readonly path: string; readonly service: string; readonly headers: Record<string, string> };

/** How an operation is called, by the protocol of its API. */
const callOf = (operation: Step['operation']): Call => {
  const json = (target: string, type: string): Record<string, string> => ({
    'content-type': type,
    'x-amz-target': target,
  });
  switch (operation) {
    case 'LookupEvents':
      return { path: '', service: 'cloudtrail', headers: json(CLOUDTRAIL_TARGET, SERVICE.contentType) };
    case 'SearchAgreements':
    case 'GetAgreementTerms': {
      const target = `AWSMPCommerceService_v20200301.${operation}`;
      return { path: '', service: 'aws-marketplace', headers: json(target, 'application/x-amz-json-1.0') };
    }
    case 'ListEntities':
    case 'DescribeEntity': {
      const headers = { 'content-type': 'application/json' };
      return { path: operation, service: 'aws-marketplace', headers };
    }
    default:
      return {
        path: '',
        service: SERVICE.signingName,
        headers: json(targetOf(operation), SERVICE.contentType),
      };
  }
};

/** Sends one step, signed by AWS's own signer unless the step specifies otherwise. */
export const exchange = async (step: Step, target: Target): Promise<Reply> => {
  const { operation, input, method = 'POST', signing = {} } = step;
  const url = new URL(target.url);
  const query = operation === 'DescribeEntity' ? (input as Record<string, string>) : undefined;
  const body = query !== undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input);
  const { path, service, headers } = callOf(operation);
  const request = new HttpRequest({
    method: query === undefined ? method : 'GET',
    ...(query && { query }),
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: `${url.pathname}${path}`,
    headers: { host: url.host, ...headers, ...step.headers },
    body,
  });
  if (signing === 'none') return send(url, request, body);
  const { accessKeyId, secretAccessKey, sessionToken } = { ...target.credentials, ...signing };
  const signer = new SignatureV4({
    service: signing.service ?? service,
    region: step.region ?? target.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: signing.withChecksum ?? false,
  });
  const signingDate = new Date(Date.now() + (signing.ahead ?? 0) * 1000);
  const signed = signing.inQuery
    ? await signer.presign(request, { signingDate, unhoistableHeaders: new Set(['x-amz-target']) })
    : await signer.sign(request, { signingDate });
  Object.assign(signed.headers, signing.afterwards);
  return send(url, signed as HttpRequest, signing.bodyAfterwards ?? body);
};

const send = (url: URL, { method, path, query, headers }: HttpRequest, body: string): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const parameters = new URLSearchParams(query as Record<string, string>).toString().replaceAll('+', '%20');
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      url,
      { method, path: parameters === '' ? path : `${path}?${parameters}`, headers, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
        });
      },
    );
    request.setTimeout(30_000, () => request.destroy(new Error('no answer for 30 seconds')));
    request.on('error', reject);
    request.end(body);
  });

const parsed = (text: string): Reply['body'] => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};
