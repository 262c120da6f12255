import { hourOf } from '../usage/hours.ts';
import { isObject, parseJson } from '../usage/json.ts';
import type { Keyed } from '../usage/key.ts';
import { contradictionIn, type EventMembers, HIDDEN, lowered, textIn } from './event-members.ts';
import { parseEventTime } from './event-time.ts';
import { allocationsIn } from './read-allocations.ts';

/** What an event contains about one record. It may have both an account and a customer identifier. */
export type ReadEntry = {
  readonly identity: Keyed;
  readonly quantity: number;
  /** Undefined if the event has no status for the record. */
  readonly status: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** As JSON (`allocationsKey`); undefined if the event shows none. */
  readonly allocations: string | undefined;
  /** The product code was removed with the request, so the record could be of any product. */
  readonly lacksProduct: boolean;
};

type ReadRecords = {
  readonly entries: readonly ReadEntry[];
  /** Why entries or parts of them are missing. */
  readonly flaws: readonly string[];
  /** Whether whole records may be missing. */
  readonly hides: boolean;
};

/**
 * The records of a BatchMeterUsage event. The request has what was sent, the reply has the results in no documented order,
 * so the two are matched by their contents. CloudTrail omits a part that is too large (User Guide, record contents:
 * `omitted`), and the reply of a failed call. Nothing is invented for missing parts.
 */
export const readRecords = (request: unknown, reply: unknown, hasFailed: boolean): ReadRecords => {
  const asked = partOf(request, 'requestParameters');
  const answered = partOf(reply, 'responseElements');
  const flaws: string[] = [];
  if (asked.missing !== undefined) flaws.push(asked.missing);
  if (answered.missing !== undefined && !hasFailed) flaws.push(answered.missing);

  const product = textIn(asked.members?.['productcode']);
  const lacksProduct = asked.members === undefined;
  const hasRequest = isList(asked.members?.['usagerecords']);
  const hasReply = isReply(answered.members);
  if (asked.members !== undefined && !hasRequest) flaws.push('requestParameters has no list of usageRecords');
  if (answered.members !== undefined && !hasReply) flaws.push('responseElements has no list of results');
  const sent = recordsIn(asked.members?.['usagerecords'], product, flaws);
  const unprocessed = recordsIn(answered.members?.['unprocessedrecords'], product, []);
  const open = [...sent.records];
  /** The sent record that a result is about, which is then no longer open. */
  const take = (record: StatedRecord): StatedRecord | undefined => {
    const { licenseArn } = record.identity;
    const exact = open.findIndex(
      other => other.identity.licenseArn === licenseArn && mayBeSame(other, record),
    );
    const place = exact === -1 ? open.findIndex(other => mayBeSame(other, record)) : exact;
    return place === -1 ? undefined : open.splice(place, 1)[0];
  };

  const entries: ReadEntry[] = [];
  let unreadable = sent.unreadable;
  for (const [place, item] of listIn(answered.members?.['results']).entries()) {
    const result = isObject(item) ? lowered(item) : {};
    const echo = result['usagerecord'];
    // Most replies repeat the records as they were sent, in their order: those are not read twice.
    const stated = (isSame(sent.values[place], echo) && sent.read[place]) || recordIn(echo, product);
    if (typeof stated === 'string') {
      flaws.push(`a result cannot be read: ${stated}`);
      unreadable += 1;
      continue;
    }
    const { identity, quantity, allocations } = take(stated) ?? stated;
    entries.push({
      identity,
      quantity,
      allocations: allocations ?? stated.allocations,
      status: textIn(result['status']),
      meteringRecordId: textIn(result['meteringrecordid']),
      lacksProduct: lacksProduct && identity.licenseArn === undefined,
    });
  }
  for (const record of unprocessed.records) take(record);
  for (const record of open)
    entries.push({ ...record, status: undefined, meteringRecordId: undefined, lacksProduct: false });
  const isBlind = !hasRequest && !hasReply;
  return { entries, flaws: [...new Set(flaws)], hides: isBlind || unreadable > 0 };
};

type Part = { readonly members: EventMembers | undefined; readonly missing: string | undefined };

const partOf = (shown: unknown, name: string): Part => {
  const text = shown === HIDDEN ? undefined : textIn(shown);
  const value = text === undefined ? shown : parsed(text);
  if (isObject(value)) {
    const members = lowered(value);
    if (members['omitted'] === true || members['omitted'] === 'true')
      return { members: undefined, missing: `CloudTrail omitted ${name}: too large` };
    return { members, missing: undefined };
  }
  const isText = text !== undefined && text !== 'null';
  const why =
    value === HIDDEN
      ? `CloudTrail hides ${name}`
      : `${name} ${isText ? 'cannot be read: it is not JSON' : 'is missing'}`;
  return { members: undefined, missing: why };
};

/** Athena has them as texts. Undefined if it is not JSON. */
const parsed = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

type StatedRecord = Pick<ReadEntry, 'identity' | 'quantity' | 'allocations'>;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const listIn = (value: unknown): readonly unknown[] => (isList(value) ? value : []);

/** One of the two lists may be missing or null. */
const isReply = (members: EventMembers | undefined): boolean => {
  const lists = [members?.['results'], members?.['unprocessedrecords']];
  return lists.some(isList) && lists.every(list => list == null || isList(list));
};

const recordsIn = (
  value: unknown,
  productCode: string | undefined,
  flaws: string[],
): {
  readonly records: readonly StatedRecord[];
  readonly unreadable: number;
  /** All values, and each as it was read. */
  readonly values: readonly unknown[];
  readonly read: readonly (StatedRecord | string)[];
} => {
  const records: StatedRecord[] = [];
  const values = listIn(value);
  const read = values.map(item => recordIn(item, productCode));
  let unreadable = 0;
  for (const record of read) {
    if (typeof record !== 'string') records.push(record);
    else {
      flaws.push(`a record cannot be read: ${record}`);
      unreadable += 1;
    }
  }
  return { records, unreadable, values, read };
};

/** Whether two objects have the same members with the same values. Allocations are not compared: then it is false. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(name => a[name] === b[name] && typeof a[name] !== 'object')
  );
};

/** The record, or a text that says why it cannot be read. */
const recordIn = (value: unknown, productCode: string | undefined): StatedRecord | string => {
  if (!isObject(value)) return value === HIDDEN ? 'CloudTrail hides it' : 'it is not a record';
  const members = lowered(value);
  if (Object.values(members).includes(HIDDEN)) return 'CloudTrail hides a part of it';
  const contradiction = contradictionIn(value, members);
  if (contradiction !== undefined) return `it has two values of ${contradiction}`;
  const at = parseEventTime(members['timestamp']);
  if (at === undefined) return `its timestamp is ${short(members['timestamp'])}`;
  const dimension = textIn(members['dimension']);
  if (dimension === undefined) return 'it has no dimension';
  const quantity = quantityIn(members['quantity']);
  if (quantity === undefined) return `its quantity is ${short(members['quantity'])}`;
  const identity: Keyed = {
    timestamp: hourOf(at),
    dimension,
    customerAWSAccountId: textIn(members['customerawsaccountid']),
    licenseArn: textIn(members['licensearn']),
    customerIdentifier: textIn(members['customeridentifier']),
    productCode,
  };
  if (identity.customerAWSAccountId === undefined && identity.customerIdentifier === undefined)
    return 'it has no customer';
  return { identity, quantity, allocations: allocationsIn(members['usageallocations'], quantity) };
};

/** A missing quantity is 0, as in the API. */
const quantityIn = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

const short = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 60);

/** The reply may name the customer in more or fewer ways than the request. */
const mayBeSame = (a: StatedRecord, b: StatedRecord): boolean =>
  a.quantity === b.quantity &&
  a.identity.timestamp === b.identity.timestamp &&
  a.identity.dimension === b.identity.dimension &&
  agree(a.identity.licenseArn, b.identity.licenseArn) &&
  agree(a.identity.customerAWSAccountId, b.identity.customerAWSAccountId) &&
  agree(a.identity.customerIdentifier, b.identity.customerIdentifier) &&
  (areEqual(a.identity.customerAWSAccountId, b.identity.customerAWSAccountId) ||
    areEqual(a.identity.customerIdentifier, b.identity.customerIdentifier));

const areEqual = (a: string | undefined, b: string | undefined): boolean => a !== undefined && a === b;

const agree = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b;
