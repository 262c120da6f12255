/** The endpoint to check. */
export type Target = {
  readonly url: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Undefined when there is no control plane; rows that need one are skipped. */
  readonly control: Control | undefined;
  /** The reading in force, `name=reading`; undefined: not known, and any reading that AWS's sources allow is accepted. */
  readonly reading: string | undefined;
};

export type Control = {
  readonly post: (name: string, body: object) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly records: () => Promise<readonly object[]>;
};

/** The control plane of `ampmeter emulator` at this endpoint; undefined when it has none. */
export const controlAt = async (url: string): Promise<Control | undefined> => {
  const call = async (name: string, method: string, body?: object): Promise<Response> => {
    const reply = await fetch(new URL(`/_emulator/${name}`, url), {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} /_emulator/${name}: ${reply.status} ${await reply.text()}`);
    return reply;
  };
  try {
    const { operations } = (await (await call('stats', 'GET')).json()) as { operations?: object };
    if (operations === undefined) return undefined;
  } catch {
    return undefined;
  }
  return {
    post: async (name, body) => void (await call(name, 'POST', body)),
    remove: async name => void (await call(name, 'DELETE')),
    records: async () => (await (await call('records', 'GET')).json()) as object[],
  };
};
