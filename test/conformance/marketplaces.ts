import { difference } from './compare.ts';
import { exchange } from './exchange.ts';
import type { Given, Names, Row } from './row.ts';
import type { Control, Target } from './target.ts';

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'not reachable' }
  | { readonly kind: 'failed'; readonly why: string };

/** The default time of the service's clock, where it can be set. */
const NOW = '2026-11-22T10:30:00.000Z';

/** Runs a row. `place` makes its names unique in the run, `run` makes them unique among runs. */
export const runRow = async (row: Row, target: Target, run: string, place: number): Promise<Outcome> => {
  const { control } = target;
  const seconds = control === undefined ? Math.floor(Date.now() / 1000) : Date.parse(NOW) / 1000;
  const first = namesOf(run, place, seconds);
  const given = (typeof row.given === 'function' ? row.given(first) : row.given) ?? {};
  const names = given.clock === undefined ? first : namesOf(run, place, Date.parse(given.clock) / 1000);
  const steps = row.steps(names);
  if (control === undefined && (needsControl(given) || steps.some(({ at }) => at !== undefined))) {
    return { kind: 'not reachable' };
  }
  if (control !== undefined) await prepare(control, given);

  const ids = new Map<string, string>();
  let reading = target.reading;
  for (const [index, step] of steps.entries()) {
    if (step.at !== undefined) await control?.post('clock', { now: step.at });
    const reply = await exchange(step, target).catch((error: Error) => error);
    const named = `step ${index + 1}: `;
    if (reply instanceof Error) return { kind: 'failed', why: `${named}${reply.message}` };
    const others = Object.entries(step.or ?? {});
    const known = reading === undefined ? undefined : step.or?.[reading];
    const why = difference(reply, known ?? step.expect, ids);
    if (why === undefined) continue;
    if (target.reading !== undefined) return { kind: 'failed', why: named + why };
    // The reading of this endpoint is not known; it must be consistent with what it has shown.
    const other = others.find(([, expected]) => difference(reply, expected, ids) === undefined);
    if (other === undefined) return { kind: 'failed', why: named + why };
    reading = other[0];
  }
  if (control === undefined || row.stored === undefined) return { kind: 'passed' };
  const stored = (await control.records()).length;
  const expected = (reading === undefined ? undefined : row.storedWith?.[reading]) ?? row.stored;
  return stored === expected
    ? { kind: 'passed' }
    : { kind: 'failed', why: `expected ${expected} stored records, got ${stored}` };
};

const needsControl = ({ catalog, clock, faults }: Given): boolean =>
  catalog !== undefined || clock !== undefined || faults !== undefined;

const prepare = async (control: Control, { catalog, clock = NOW, faults }: Given): Promise<void> => {
  await control.post('reset', {});
  await control.remove('faults');
  // Before the catalog: tokens are issued by the clock.
  await control.post('clock', { now: clock });
  if (catalog === undefined) await control.remove('catalog');
  else await control.post('catalog', catalog);
  if (faults !== undefined) await control.post('faults', { next: faults });
};

/** Removes everything that rows have set. */
export const leave = async (control: Control): Promise<void> => {
  await control.remove('catalog');
  await control.remove('faults');
  await control.post('clock', { real: true });
  await control.post('reset', {});
};

const namesOf = (run: string, place: number, now: number): Names => {
  const digits = (of: number): string => String(of).padStart(4, '0');
  const account = (kind: number): string =>
    `${kind}${digits(Number.parseInt(run, 36) % 1000)}${digits(place).slice(-4)}000`.slice(0, 12);
  const arn = (name: string): string =>
    `arn:aws:license-manager::294406891311:license:l-${run}${digits(place)}${name}`;
  return {
    product: `p${run}${digits(place)}`,
    customer: `c${run}${digits(place)}`,
    account: account(1),
    otherAccount: account(2),
    license: arn('a'),
    otherLicense: arn('b'),
    token: `t${run}${digits(place)}`,
    now,
    hour: Math.floor(now / 3600) * 3600,
  };
};
