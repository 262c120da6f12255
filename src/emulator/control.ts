import { DuplicateMember, isObject, type JsonObject, parseJson } from '../usage/json.ts';
import type { Clock, ClockState } from './clock.ts';
import { changeClock } from './clock-controls.ts';
import { changeFaults } from './faults/controls.ts';
import type { FaultState, Faults } from './faults/faults.ts';
import type { Marketplace } from './market/marketplace.ts';
import type { Reply } from './reply.ts';
import type { StoredRecord } from './state/store.ts';
import type { Stats } from './stats.ts';

const CONTROL_PREFIX = '/_emulator/';

/** The path that test suites written for moto call between tests. Source: moto's documentation, "Server mode". */
const MOTO_RESET = '/moto-api/reset';

export const isControlPath = (path: string): boolean =>
  path.startsWith(CONTROL_PREFIX) || path === MOTO_RESET;

/** What the control plane can read and change. */
export type Controls = {
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  readonly reset: () => void;
  readonly publicKeyPem: () => Promise<string>;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly marketplace: Marketplace;
};

/** Answers a request to a control path, which AWS does not have. `body` is undefined when it is too large. */
export const controlReply = async (
  method: string,
  path: string,
  body: Uint8Array | undefined,
  controls: Controls,
): Promise<Reply> => {
  if (body === undefined) return { ...plain(413, 'the body is too large'), headers: { Connection: 'close' } };
  const name = path.slice(CONTROL_PREFIX.length);
  const route = path === MOTO_RESET ? MOTO_ROUTE : ROUTES.get(name);
  if (route === undefined) {
    return plain(
      404,
      `${path} not found; the paths under ${CONTROL_PREFIX} are ${[...ROUTES.keys()].join(', ')}`,
    );
  }
  const answer = Object.hasOwn(route, method) ? route[method as keyof ControlRoute] : undefined;
  if (answer === undefined) {
    const methods = Object.keys(route).join(', ');
    return { ...plain(405, `${path} accepts ${methods}`), headers: { Allow: methods } };
  }
  return answer(controls, body);
};

type ControlHandler = (controls: Controls, body: Uint8Array) => Reply | Promise<Reply>;

type ControlRoute = { readonly [M in 'GET' | 'POST' | 'DELETE']?: ControlHandler };

const faultsReply = ({ faults }: Controls): Reply => json<FaultState>(faults.state());

/** `null`: there is no catalog, and everything exists. */
const catalogReply = ({ marketplace }: Controls): Reply => json(marketplace.catalog() ?? null);

const changeCatalog = (marketplace: Marketplace, catalog: JsonObject): string | undefined => {
  const problems = marketplace.replace(catalog);
  return problems.length === 0 ? undefined : problems.join('\n');
};

const clockReply = ({ clock }: Controls): Reply => json<ClockState>(clock.state());

const ROUTES: ReadonlyMap<string, ControlRoute> = new Map<string, ControlRoute>([
  ['records', { GET: controls => json(controls.records()) }],
  ['stats', { GET: controls => json(controls.stats()) }],
  [
    'faults',
    {
      GET: faultsReply,
      POST: (controls, body) =>
        changeProblem(body, members => changeFaults(controls.faults, members)) ?? faultsReply(controls),
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
        changeProblem(body, members => changeClock(controls.clock, members)) ?? clockReply(controls),
    },
  ],
  [
    'catalog',
    {
      GET: catalogReply,
      POST: (controls, body) =>
        changeProblem(body, members => changeCatalog(controls.marketplace, members)) ??
        catalogReply(controls),
      DELETE: controls => {
        controls.marketplace.open();
        return catalogReply(controls);
      },
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

const MOTO_ROUTE: ControlRoute = {
  POST: controls => {
    controls.reset();
    return json({ status: 'ok' });
  },
};

/** Makes the change in the body. Returns a reply only if the change is invalid. */
const changeProblem = (
  body: Uint8Array,
  change: (members: JsonObject) => string | undefined,
): Reply | undefined => {
  const members = parseMembers(body);
  const problem = typeof members === 'string' ? members : change(members);
  return problem === undefined ? undefined : plain(400, problem);
};

/** A string is what is wrong with the body. */
const parseMembers = (body: Uint8Array): JsonObject | string => {
  try {
    const value = parseJson(new TextDecoder().decode(body));
    if (isObject(value)) return { ...value };
  } catch (error) {
    if (error instanceof DuplicateMember) return error.message;
  }
  return 'the body must be a JSON object';
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
