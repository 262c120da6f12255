import fc from 'fast-check';
import type { FindingKind, LedgerEntry } from '../../src/cloudtrail/finding.ts';
import { formatInstant } from '../../src/emulator/cloudtrail/cloudtrail-event.ts';
import type { Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { type Answer, eventOf, HOUR, LICENSE, ledgerEntry, nameOf, type Spelled } from './setup.ts';

/** What is done to one record of a history in which all agrees. */
type Injection =
  | 'nothing'
  | 'drop'
  | 'forget'
  | 'quantity'
  | 'status'
  | 'id'
  | 'second quantity'
  | 'other way'
  | 'other Region'
  | 'event again'
  | 'later refusal'
  | 'resend';

/** What must be found of each record, by its name; what agrees or was never sent is left out. */
export type History = {
  readonly ledger: readonly LedgerEntry[];
  readonly events: readonly unknown[];
  readonly expected: ReadonlyMap<string, FindingKind>;
  readonly agreed: number;
};

const ANSWERS: Readonly<Partial<Record<Status, string>>> = {
  accepted: 'Success',
  'already-recorded': 'Success',
  duplicate: 'DuplicateRecord',
  'not-subscribed': 'CustomerNotSubscribed',
};

type Way = { readonly mode: 'licence' | 'account' | 'customer'; readonly offerings: readonly number[] };

type Drawn = {
  readonly usage: { readonly hour: number; readonly customer: number; readonly dimension: number };
  readonly way: Way;
  readonly quantity: number;
  readonly status: Status;
  readonly injection: Injection;
};

const drawn: fc.Arbitrary<Drawn> = fc.record({
  usage: fc.record({ hour: fc.nat(3), customer: fc.nat(9), dimension: fc.nat(2) }),
  way: fc.record({
    mode: fc.constantFrom('licence', 'account', 'customer'),
    offerings: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }),
  }),
  quantity: fc.nat(1_000),
  status: fc.oneof(
    { arbitrary: fc.constantFrom<Status>('accepted'), weight: 5 },
    {
      arbitrary: fc.constantFrom<Status>(
        'already-recorded',
        'duplicate',
        'not-subscribed',
        'refused',
        'expired',
        'unsent',
      ),
      weight: 3,
    },
  ),
  injection: fc.oneof(
    { arbitrary: fc.constant<Injection>('nothing'), weight: 6 },
    {
      arbitrary: fc.constantFrom<Injection>(
        'drop',
        'forget',
        'quantity',
        'status',
        'id',
        'second quantity',
        'other way',
        'other Region',
        'event again',
        'later refusal',
        'resend',
      ),
      weight: 6,
    },
  ),
});

const spelled: fc.Arbitrary<Spelled> = fc.record({
  account: fc.constantFrom('customerAWSAccountID', 'customerAWSAccountId'),
  source: fc.constantFrom('metering-marketplace', 'marketplacemetering'),
  time: fc.constantFrom<Spelled['time']>(
    seconds => seconds,
    seconds => formatInstant(seconds, 'space'),
    seconds => formatInstant(seconds, 'narrow-space'),
    seconds => formatInstant(seconds + 1_234, 'iso'),
  ),
});

/** A usage that is billed in another way, too, is told once: here it has one way of its own. */
const recordsOf = ({ usage, way, quantity, injection }: Drawn): Partial<UsageRecord>[] =>
  way.offerings.slice(0, injection === 'other way' ? 1 : 2).map(offering => ({
    timestamp: HOUR + usage.hour * 3600,
    dimension: ['users', 'Größe', '\u{1f4be} \uffee'][usage.dimension] ?? '',
    quantity,
    customerAWSAccountId: way.mode === 'customer' ? undefined : `11112222333${usage.customer}`,
    customerIdentifier: way.mode === 'customer' ? `customer-${usage.customer}` : undefined,
    licenseArn: way.mode === 'licence' ? `${LICENSE}${offering}` : undefined,
    productCode: way.mode === 'licence' ? undefined : `product${offering}`,
  }));

type Call = { readonly answer: Answer; readonly region?: string; readonly later?: boolean };

/** The calls that CloudTrail shows of a record, and what is to be found of it. */
const played = (one: LedgerEntry, injection: Injection, name: string) => {
  const { record, outcome } = one;
  const status = ANSWERS[outcome.status];
  const id = outcome.meteringRecordId ?? `id of ${name}`;
  const isBilled = status === 'Success';
  const plain: Call = { answer: { record, status, id: isBilled ? id : undefined } };
  const nothing = { calls: [plain], keep: true, found: undefined as FindingKind | undefined };
  // What AWS has no answer to was never sent, or its whole call failed: then there is nothing to change.
  if (status === undefined) return { ...nothing, calls: [] };
  const billing = (different: Partial<UsageRecord>, other: string): Call => ({
    answer: { record: { ...record, ...different }, status: 'Success', id: other },
    later: true,
  });
  switch (injection) {
    case 'drop':
      return { ...nothing, calls: [], found: 'ledger-only' as const };
    case 'forget':
      return { ...nothing, keep: false, found: 'cloudtrail-only' as const };
    case 'quantity':
      return {
        ...nothing,
        calls: [{ answer: { ...plain.answer, record: { ...record, quantity: record.quantity + 1 } } }],
        found: 'different-quantity' as const,
      };
    case 'status':
      return {
        ...nothing,
        calls: [{ answer: { ...plain.answer, status: isBilled ? 'CustomerNotSubscribed' : 'Success' } }],
        found: 'different-status' as const,
      };
    case 'id':
      return isBilled && outcome.meteringRecordId !== undefined
        ? {
            ...nothing,
            calls: [{ answer: { ...plain.answer, id: 'strange' } }],
            found: 'different-id' as const,
          }
        : nothing;
    case 'second quantity':
      if (!isBilled) return nothing;
      return {
        ...nothing,
        calls: [plain, billing({ quantity: record.quantity + 1 }, 'second')],
        found: 'billed-twice' as const,
      };
    case 'other Region':
      if (!isBilled) return nothing;
      return {
        ...nothing,
        calls: [plain, { ...billing({}, 'second'), region: 'eu-west-1' }],
        found: 'billed-twice' as const,
      };
    case 'other way': {
      if (!isBilled || record.customerAWSAccountId === undefined) return nothing;
      const way =
        record.licenseArn === undefined
          ? { licenseArn: `${LICENSE}9`, productCode: undefined }
          : { licenseArn: undefined, productCode: 'product9' };
      return { ...nothing, calls: [plain, billing(way, 'second')], found: 'billed-twice' as const };
    }
    case 'later refusal': {
      const refused = { ...record, quantity: record.quantity + 7 };
      return {
        ...nothing,
        calls: [plain, { answer: { record: refused, status: 'DuplicateRecord' }, later: true }],
      };
    }
    case 'resend':
      return { ...nothing, calls: [plain, { ...plain, later: true }, { ...plain, later: true }] };
    default:
      return nothing;
  }
};

const OTHER_EVENTS: readonly unknown[] = [
  { eventSource: 's3.amazonaws.com', eventName: 'PutObject', eventID: 's3' },
  { eventSource: 'metering-marketplace.amazonaws.com', eventName: 'MeterUsage', eventID: 'meter' },
  { logFiles: [] },
];

/** A ledger, and events that agree with it but for what was injected. */
export const histories: fc.Arbitrary<History> = fc
  .record({
    drawn: fc.uniqueArray(drawn, {
      // One way of naming the customer for each usage: two would be billed twice by themselves.
      selector: ({ usage, way }) =>
        `${usage.hour} ${usage.customer} ${usage.dimension} ${way.mode === 'customer'}`,
      minLength: 1,
      maxLength: 40,
    }),
    spelled,
    together: fc.integer({ min: 1, max: 25 }),
    shuffle: fc.func(fc.integer()),
  })
  .map(({ drawn: all, spelled: spelling, together, shuffle }) => {
    const ledger: LedgerEntry[] = [];
    const expected = new Map<string, FindingKind>();
    const calls: Call[] = [];
    const again: Call[] = [];
    let agreed = 0;
    for (const one of all) {
      for (const different of recordsOf(one)) {
        const outcome = {
          status: one.status,
          reason: undefined,
          meteringRecordId: one.status === 'accepted' ? `id ${JSON.stringify(different)}` : undefined,
        };
        const known = ledgerEntry(one.status, different, { outcome });
        const name = nameOf(known.record);
        const { injection } = one;
        const { calls: shown, keep, found } = played(known, injection, name);
        if (keep) ledger.push(known);
        if (found !== undefined) expected.set(name, found);
        // A usage that is billed twice agrees where the ledger knows of it.
        if (found === undefined || (found === 'billed-twice' && injection !== 'second quantity'))
          agreed += ANSWERS[one.status] !== undefined || one.status === 'refused' ? 1 : 0;
        calls.push(...shown);
        if (injection === 'event again') again.push(...shown);
      }
    }
    const batches = new Map<string, Call[]>();
    for (const [place, call] of calls.entries()) {
      const { record } = call.answer;
      const way =
        record.licenseArn === undefined
          ? `${record.productCode} ${record.customerAWSAccountId === undefined}`
          : '';
      // A key stands in a request once.
      const company = [way, call.region, call.later === true ? place : '', Math.floor(place / together)].join(
        ' ',
      );
      batches.set(company, [...(batches.get(company) ?? []), call]);
    }
    const events: unknown[] = [...batches.values()].map(batch =>
      eventOf(
        batch.map(({ answer }) => answer),
        {
          awsRegion: batch[0]?.region ?? 'us-east-1',
          eventTime: new Date((HOUR + (batch[0]?.later === true ? 7_200 : 3_600)) * 1000).toISOString(),
        },
        spelling,
      ),
    );
    const repeated = events.filter((_, place) => again.length > 0 && place % 2 === 0);
    const shuffled = [...events, ...repeated, ...OTHER_EVENTS]
      .map((value, place) => ({ value, order: shuffle(place) }))
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value);
    return { ledger, events: shuffled, expected, agreed };
  });
