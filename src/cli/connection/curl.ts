import { quoted } from '../../usage/shell-word.ts';

/** A request in the form of `@smithy/core`'s HttpRequest. */
type CurlRequest = {
  readonly method: string;
  readonly protocol: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/**
 * A shell command that sends this request. It works as long as AWS accepts the signature: five minutes. curl uses
 * HTTPS_PROXY and NO_PROXY itself.
 */
export const curlCommand = (
  { method, protocol, path, headers, body }: CurlRequest,
  caBundle?: string,
): string => {
  const { host = '', 'content-length': _, ...others } = headers;
  const flags = Object.entries(others).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const text = String(body);
  const isLong = Buffer.byteLength(text) > MAX_ARGUMENT_BYTES;
  const data = isLong ? '--data-binary @-' : `--data-raw ${quoted(text)}`;
  const trust = caBundle === undefined ? [] : [`--cacert ${quoted(caBundle)}`];
  const command = [
    'curl -sS',
    ...trust,
    `-X ${method}`,
    quoted(`${protocol}//${host}${path}`),
    ...flags,
    data,
  ].join(' ');
  // The shell's own printf accepts an argument of any length.
  return isLong ? `printf %s ${quoted(text)} | ${command}` : command;
};

/** Linux limits an argument of a program to 128 KiB. */
const MAX_ARGUMENT_BYTES = 100_000;
