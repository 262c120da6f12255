import type { Reply } from './reply.ts';
import type { Stats } from './stats.ts';
import type { StoredRecord } from './store.ts';

export const CONTROL_PREFIX = '/_emulator/';

/** What the control plane can see and do. */
export type Controls = {
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  readonly reset: () => void;
  readonly publicKeyPem: () => Promise<string>;
};

/** Answers a request for `/_emulator/<name>`: things AWS has no call for. */
export const controlReply = async (method: string, path: string, controls: Controls): Promise<Reply> => {
  const name = path.slice(CONTROL_PREFIX.length);
  const route = ROUTES.get(name);
  if (route === undefined) {
    return plain(404, `no ${CONTROL_PREFIX}${name}; there are ${[...ROUTES.keys()].join(', ')}`);
  }
  if (route.method !== method) {
    return {
      ...plain(405, `${CONTROL_PREFIX}${name} takes ${route.method}`),
      headers: { Allow: route.method },
    };
  }
  return route.answer(controls);
};

type Route = {
  readonly method: 'GET' | 'POST';
  readonly answer: (controls: Controls) => Reply | Promise<Reply>;
};

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['records', { method: 'GET', answer: controls => json(controls.records()) }],
  ['stats', { method: 'GET', answer: controls => json(controls.stats()) }],
  [
    'public-key',
    {
      method: 'GET',
      answer: async controls => ({
        status: 200,
        contentType: 'application/x-pem-file',
        body: await controls.publicKeyPem(),
      }),
    },
  ],
  [
    'reset',
    {
      method: 'POST',
      answer: controls => {
        controls.reset();
        return json({});
      },
    },
  ],
]);

const json = (value: unknown): Reply => ({
  status: 200,
  contentType: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});

const plain = (status: number, message: string): Reply => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${message}\n`,
});
