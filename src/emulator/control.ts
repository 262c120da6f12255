import type { Clock, ClockState } from './clock.ts';
import { changeClock } from './clock-controls.ts';
import { changeFaults } from './fault-controls.ts';
import type { FaultState, Faults } from './faults.ts';
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
  readonly faults: Faults;
  readonly clock: Clock;
};

/** Answers a request for `/_emulator/<name>`: things AWS has no call for. */
export const controlReply = async (
  method: string,
  path: string,
  body: Uint8Array,
  controls: Controls,
): Promise<Reply> => {
  const name = path.slice(CONTROL_PREFIX.length);
  const route = ROUTES.get(name);
  if (route === undefined) {
    return plain(404, `no ${CONTROL_PREFIX}${name}; there are ${[...ROUTES.keys()].join(', ')}`);
  }
  const answer = Object.hasOwn(route, method) ? route[method as keyof Route] : undefined;
  if (answer === undefined) {
    const methods = Object.keys(route).join(', ');
    return { ...plain(405, `${CONTROL_PREFIX}${name} takes ${methods}`), headers: { Allow: methods } };
  }
  return answer(controls, body);
};

type Answer = (controls: Controls, body: Uint8Array) => Reply | Promise<Reply>;

type Route = { readonly [M in 'GET' | 'POST' | 'DELETE']?: Answer };

const faultsReply = ({ faults }: Controls): Reply => json<FaultState>(faults.state());

const clockReply = ({ clock }: Controls): Reply => json<ClockState>(clock.state());

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['records', { GET: controls => json(controls.records()) }],
  ['stats', { GET: controls => json(controls.stats()) }],
  [
    'faults',
    {
      GET: faultsReply,
      POST: (controls, body) =>
        refusedChange(body, members => changeFaults(controls.faults, members)) ?? faultsReply(controls),
      DELETE: controls => {
        controls.faults.clear();
        return faultsReply(controls);
      },
    },
  ],
  [
    'clock',
    {
      GET: clockReply,
      POST: (controls, body) =>
        refusedChange(body, members => changeClock(controls.clock, members)) ?? clockReply(controls),
    },
  ],
  [
    'public-key',
    {
      GET: async controls => ({
        status: 200,
        contentType: 'application/x-pem-file',
        body: await controls.publicKeyPem(),
      }),
    },
  ],
  [
    'reset',
    {
      POST: controls => {
        controls.reset();
        return json({});
      },
    },
  ],
]);

type Members = Readonly<Record<string, unknown>>;

/** Undefined when the change that the body describes was made. */
const refusedChange = (
  body: Uint8Array,
  change: (members: Members) => string | undefined,
): Reply | undefined => {
  const members = parseMembers(body);
  const trouble = members === undefined ? 'the body must be a JSON object' : change(members);
  return trouble === undefined ? undefined : plain(400, trouble);
};

const parseMembers = (body: Uint8Array): Members | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

const json = <T>(value: T): Reply => ({
  status: 200,
  contentType: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});

const plain = (status: number, message: string): Reply => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${message}\n`,
});
