/** A request in the form of `@smithy/core`'s HttpRequest. */
type Shown = {
  readonly method: string;
  readonly protocol: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A shell command that sends this very request. It works while the signature is young: AWS takes it for five minutes. */
export const curlCommand = ({ method, protocol, path, headers, body }: Shown): string => {
  const { host = '', 'content-length': _, ...others } = headers;
  const flags = Object.entries(others).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return [
    'curl -sS',
    `-X ${method}`,
    quoted(`${protocol}//${host}${path}`),
    ...flags,
    `--data-raw ${quoted(String(body))}`,
  ].join(' ');
};

/** In single quotes a POSIX shell takes everything literally but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
