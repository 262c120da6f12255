import { quoted } from '../../usage/shell-word.ts';

/** A request in the form of `@smithy/core`'s HttpRequest. */
type Shown = {
  readonly method: string;
  readonly protocol: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/**
 * A shell command that sends this very request. It works while the signature is young: AWS takes it for five minutes.
 * curl knows HTTPS_PROXY and NO_PROXY itself.
 */
export const curlCommand = ({ method, protocol, path, headers, body }: Shown, caBundle?: string): string => {
  const { host = '', 'content-length': _, ...others } = headers;
  const flags = Object.entries(others).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const text = String(body);
  const isLong = Buffer.byteLength(text) > ARGUMENT_BYTES;
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
  // The shell's own printf takes an argument of any length.
  return isLong ? `printf %s ${quoted(text)} | ${command}` : command;
};

/** Linux gives a program no longer argument than 128 KiB. Bytes. */
const ARGUMENT_BYTES = 100_000;
