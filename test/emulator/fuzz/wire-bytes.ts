/** A request as a server finds it in a stream of bytes. */
export type ParsedRequest = {
  readonly method: string;
  readonly target: string;
  /** Values by lower-case name, in the order they came; characters are bytes. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
};

export type ParsedReply = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
};

type Head = { readonly first: string; readonly headers: Map<string, string[]>; readonly end: number };

/**
 * The requests that stand whole in these bytes, up to where they make no sense. Stricter than HTTP must be: what only a
 * tolerant server can read has no right to an answer.
 */
export const requestsIn = (bytes: Buffer): readonly ParsedRequest[] => {
  const requests: ParsedRequest[] = [];
  let from = 0;
  for (;;) {
    while (bytes[from] === 13 && bytes[from + 1] === 10) from += 2;
    const head = headAt(bytes, from);
    const line = head && /^([A-Z]+) (\S+)(?: HTTP\/[0-9]\.[0-9])?$/.exec(head.first);
    if (head === undefined || line === null || line === undefined) return requests;
    const body = bodyAt(bytes, head);
    if (body === undefined) return requests;
    const [, method = '', target = ''] = line;
    requests.push({ method, target, headers: head.headers, body: body.bytes });
    from = body.end;
  }
};

/** The replies in what a server sent, without interim ones; throws when there is anything else. */
export const repliesIn = (bytes: Buffer): readonly ParsedReply[] => {
  const replies: ParsedReply[] = [];
  let from = 0;
  while (from < bytes.length) {
    const head = headAt(bytes, from);
    const status = head && /^HTTP\/1\.1 ([1-5][0-9]{2}) [A-Za-z ]+$/.exec(head.first)?.[1];
    if (head === undefined || status === undefined)
      throw new Error(`no reply: ${bytes.toString('latin1', from)}`);
    const body = bodyAt(bytes, head);
    if (body === undefined) throw new Error(`half a reply: ${bytes.toString('latin1', from)}`);
    from = body.end;
    if (!status.startsWith('1')) {
      replies.push({ status: Number(status), headers: head.headers, body: body.bytes.toString() });
    }
  }
  return replies;
};

const headAt = (bytes: Buffer, from: number): Head | undefined => {
  const blank = bytes.indexOf('\r\n\r\n', from, 'latin1');
  if (blank < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', from, blank).split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
    if (match === null) return undefined;
    const name = (match[1] as string).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), match[2] as string]);
  }
  return { first, headers, end: blank + 4 };
};

const bodyAt = (bytes: Buffer, { headers, end }: Head): { bytes: Buffer; end: number } | undefined => {
  const coding = headers.get('transfer-encoding');
  const lengths = headers.get('content-length');
  if (coding !== undefined) {
    return lengths === undefined && /(?:^|,)[ \t]*chunked$/i.test(coding.join(','))
      ? chunksAt(bytes, end)
      : undefined;
  }
  if (lengths === undefined) return { bytes: Buffer.alloc(0), end };
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^[0-9]+$/.test(length)) return undefined;
  const last = end + Number(length);
  return last <= bytes.length ? { bytes: bytes.subarray(end, last), end: last } : undefined;
};

const chunksAt = (bytes: Buffer, start: number): { bytes: Buffer; end: number } | undefined => {
  const chunks: Buffer[] = [];
  let from = start;
  for (;;) {
    const line = bytes.indexOf('\r\n', from, 'latin1');
    const size = line < 0 ? null : /^([0-9a-fA-F]+)(?:;.*)?$/.exec(bytes.toString('latin1', from, line));
    if (size === null) return undefined;
    const length = Number.parseInt(size[1] as string, 16);
    const first = line + 2;
    if (length === 0) {
      const trailer =
        bytes.toString('latin1', first, first + 2) === '\r\n'
          ? first
          : bytes.indexOf('\r\n\r\n', first, 'latin1') + 2;
      return trailer < first ? undefined : { bytes: Buffer.concat(chunks), end: trailer + 2 };
    }
    if (bytes.toString('latin1', first + length, first + length + 2) !== '\r\n') return undefined;
    chunks.push(bytes.subarray(first, first + length));
    from = first + length + 2;
  }
};
