import { hourOf } from '../usage/hours.ts';
import { parseEventTime } from './event-time.ts';
import type { Identity } from './finding.ts';
import { contradictionIn, HIDDEN, isObject, lowered, type Members, textIn } from './members.ts';

/** What an event says of one record. Both an account and a customer identifier may stand in it. */
export type Entry = {
  readonly identity: Identity;
  readonly quantity: number;
  /** Undefined when the event does not say what became of the record. */
  readonly status: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** The product code was cut away with the request: the record could be any product's. */
  readonly lacksProduct: boolean;
};

export type ReadRecords = {
  readonly entries: readonly Entry[];
  /** Why they may not be all, or do not say all. */
  readonly trouble: readonly string[];
  /** Whether records may be missing altogether. */
  readonly hides: boolean;
};

/**
 * The records of a BatchMeterUsage event. What was sent stands in the request, what became of it in the reply, which has
 * no promised order: the two are brought together by what they say. CloudTrail leaves out a part that is too large
 * (User Guide, record contents: `omitted`), and the reply of a call that failed. Nothing is made up for what is missing.
 */
export const readRecords = (request: unknown, reply: unknown, hasFailed: boolean): ReadRecords => {
  const asked = partOf(request, 'requestParameters');
  const answered = partOf(reply, 'responseElements');
  const trouble: string[] = [];
  if (asked.missing !== undefined) trouble.push(asked.missing);
  if (answered.missing !== undefined && !hasFailed) trouble.push(answered.missing);

  const product = textIn(asked.members?.['productcode']);
  const lacksProduct = asked.members === undefined;
  const hasRequest = isList(asked.members?.['usagerecords']);
  const hasReply = isReply(answered.members);
  if (asked.members !== undefined && !hasRequest)
    trouble.push('requestParameters has no list of usageRecords');
  if (answered.members !== undefined && !hasReply) trouble.push('responseElements has no list of results');
  const sent = recordsIn(asked.members?.['usagerecords'], product, trouble);
  const unprocessed = recordsIn(answered.members?.['unprocessedrecords'], product, []);
  const open = [...sent.records];
  const take = (record: Said): Said | undefined => {
    const { licenseArn } = record.identity;
    const exact = open.findIndex(
      other => other.identity.licenseArn === licenseArn && mayBeSame(other, record),
    );
    const place = exact === -1 ? open.findIndex(other => mayBeSame(other, record)) : exact;
    return place === -1 ? undefined : open.splice(place, 1)[0];
  };

  const entries: Entry[] = [];
  let unreadable = sent.unreadable;
  for (const item of listIn(answered.members?.['results'])) {
    const result = isObject(item) ? lowered(item) : {};
    const said = recordIn(result['usagerecord'], product);
    if (typeof said === 'string') {
      trouble.push(`a result cannot be read: ${said}`);
      unreadable += 1;
      continue;
    }
    const { identity, quantity } = take(said) ?? said;
    entries.push({
      identity,
      quantity,
      status: textIn(result['status']),
      meteringRecordId: textIn(result['meteringrecordid']),
      lacksProduct: lacksProduct && identity.licenseArn === undefined,
    });
  }
  for (const record of unprocessed.records) take(record);
  for (const { identity, quantity } of open) {
    entries.push({ identity, quantity, status: undefined, meteringRecordId: undefined, lacksProduct: false });
  }
  const isBlind = !hasRequest && !hasReply;
  return { entries, trouble: [...new Set(trouble)], hides: isBlind || unreadable > 0 };
};

type Part = { readonly members: Members | undefined; readonly missing: string | undefined };

const partOf = (value: unknown, name: string): Part => {
  if (isObject(value)) {
    const members = lowered(value);
    if (members['omitted'] === true || members['omitted'] === 'true')
      return { members: undefined, missing: `CloudTrail has left out ${name}: too large` };
    return { members, missing: undefined };
  }
  const why = value === HIDDEN ? `CloudTrail hides ${name}` : `${name} is missing`;
  return { members: undefined, missing: why };
};

type Said = { readonly identity: Identity; readonly quantity: number };

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const listIn = (value: unknown): readonly unknown[] => (isList(value) ? value : []);

/** One of the two lists may be left out, or null. */
const isReply = (members: Members | undefined): boolean => {
  const lists = [members?.['results'], members?.['unprocessedrecords']];
  return lists.some(isList) && lists.every(list => list == null || isList(list));
};

const recordsIn = (
  value: unknown,
  productCode: string | undefined,
  trouble: string[],
): { readonly records: readonly Said[]; readonly unreadable: number } => {
  const records: Said[] = [];
  let unreadable = 0;
  for (const item of listIn(value)) {
    const record = recordIn(item, productCode);
    if (typeof record !== 'string') records.push(record);
    else {
      trouble.push(`a record cannot be read: ${record}`);
      unreadable += 1;
    }
  }
  return { records, unreadable };
};

/** A text says why there is none. */
const recordIn = (value: unknown, productCode: string | undefined): Said | string => {
  if (!isObject(value)) return value === HIDDEN ? 'CloudTrail hides it' : 'it is no record';
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
  const identity: Identity = {
    timestamp: hourOf(at),
    dimension,
    customerAWSAccountId: textIn(members['customerawsaccountid']),
    licenseArn: textIn(members['licensearn']),
    customerIdentifier: textIn(members['customeridentifier']),
    productCode,
  };
  if (identity.customerAWSAccountId === undefined && identity.customerIdentifier === undefined)
    return 'it names no customer';
  return { identity, quantity };
};

/** Left out it is 0, as in the API. */
const quantityIn = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

const short = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 60);

/** The reply may name a customer in more ways than the request did, or in fewer. */
const mayBeSame = (a: Said, b: Said): boolean =>
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
