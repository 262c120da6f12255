import type { Reply } from './exchange.ts';
import type { Expected } from './row.ts';

type Result = { readonly Status?: string; readonly MeteringRecordId?: string; readonly UsageRecord?: object };

/** How a reply differs from what is expected, in a few words; undefined: it does not. `ids`: the id of each letter so far. */
export const difference = (
  { status, headers, body, text }: Reply,
  expected: Expected,
  ids: Map<string, string>,
): string | undefined => {
  const types = expected.type === undefined ? undefined : [expected.type].flat();
  const wanted = expected.status ?? (types === undefined ? 200 : 400);
  const type = typeOf(body, headers);
  const got = [status, type ?? '', short(text)].filter(part => part !== '').join(' ');
  if (status !== wanted || (types === undefined ? type !== undefined : !types.includes(type ?? ''))) {
    return `expected ${wanted}${types === undefined ? '' : ` ${types.join(' or ')}`}, got ${got}`;
  }
  const results = (body?.['Results'] ?? []) as readonly Result[];
  if (expected.statuses !== undefined) {
    const statuses = results.map(({ Status }) => Status).join(' ');
    if (statuses !== expected.statuses.join(' ')) {
      return `expected ${expected.statuses.join(' ')}, got ${statuses || got}`;
    }
  }
  const unprocessed = (body?.['UnprocessedRecords'] as readonly object[] | undefined)?.length;
  if (expected.unprocessed !== undefined && unprocessed !== expected.unprocessed) {
    return `expected ${expected.unprocessed} in UnprocessedRecords, got ${unprocessed}`;
  }
  for (const [name, form] of Object.entries(expected.headers ?? {})) {
    if (!form.test(String(headers[name]))) return `${name} is ${headers[name]}`;
  }
  if (expected.body !== undefined && !matches(expected.body, body)) {
    return `expected ${spelt(expected.body)}, got ${got}`;
  }
  return expected.ids === undefined ? undefined : idTrouble(expected.ids, body, results, ids);
};

/** On one line: an HTML page has many. */
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

const typeOf = (body: Reply['body'], headers: Reply['headers']): string | undefined => {
  const type = body?.['__type'] ?? body?.['code'] ?? headers['x-amzn-errortype'];
  return typeof type === 'string' ? type.replace(/:.*$/s, '').replace(/^.*#/s, '') : undefined;
};

/** Whether the value has everything that is expected; it may have more. */
const matches = (expected: unknown, value: unknown): boolean => {
  if (expected instanceof RegExp) return typeof value === 'string' && expected.test(value);
  if (typeof expected === 'function') return holds(expected as Predicate, value);
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(value) || value.length !== expected.length)) return false;
  return Object.entries(expected).every(([name, inner]) =>
    matches(inner, (value as Readonly<Record<string, unknown>>)[name]),
  );
};

type Predicate = (value: unknown) => boolean;

/** A third-party reply may be anything: when a predicate throws, the reply is not as expected. */
const holds = (predicate: Predicate, value: unknown): boolean => {
  try {
    return predicate(value);
  } catch {
    return false;
  }
};

const spelt = (expected: unknown): string =>
  JSON.stringify(expected, (_, value) =>
    value instanceof RegExp || typeof value === 'function' ? String(value) : value,
  );

const idTrouble = (
  letters: string,
  body: Reply['body'],
  results: readonly Result[],
  ids: Map<string, string>,
): string | undefined => {
  const own = body?.['MeteringRecordId'] as string | undefined;
  const found = body?.['Results'] === undefined ? [own] : results.map(result => result.MeteringRecordId);
  for (const [place, letter] of [...letters].entries()) {
    const id = found[place];
    if (letter === '*') continue;
    if (letter === '-' || id === undefined) {
      if ((letter === '-') !== (id === undefined)) return `the MeteringRecordId of result ${place} is ${id}`;
      continue;
    }
    const known = ids.get(letter);
    if (known !== undefined && known !== id) return `the MeteringRecordId has changed from ${known} to ${id}`;
    if (known === undefined && [...ids.values()].includes(id)) return `the MeteringRecordId ${id} is not new`;
    ids.set(letter, id);
  }
  return undefined;
};
