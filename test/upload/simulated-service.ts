import { setImmediate as turn } from 'node:timers/promises';
import { NetworkError } from '../../src/metering/network-error.ts';
import type { HttpReply, Transport } from '../../src/metering/transport.ts';
import { deadlineOf, WINDOWS } from '../../src/usage/windows.ts';
import type { Inputs, RecordResult, WireRecord } from '../../src/usage/wire.ts';
import { awsError, awsReply, pageOf, timeReply } from '../metering/setup.ts';

/** What happens to one request. Those of the second line happen after the service has billed. */
export const TROUBLES = [
  ...['throttle', 'error500', 'page502', 'lost', 'no-connection', 'stale-token', 'access-denied'],
  ...['lost-after', 'error500-after', 'page502-after', 'cut', 'empty', 'one-missing', 'one-without-id'],
  ...['reordered', 'some-unprocessed', 'all-unprocessed', 'one-twice', 'a-foreign-one', 'slow', 'ok'],
  ...['one-contradicted', 'one-unprocessed-as-well'],
] as const;

type Trouble = (typeof TROUBLES)[number];

/** Accounts that end in nines have no agreement, dimensions that begin with `bad` and the product `gone` do not exist. */
export const isNotSubscribed = (customer: string): boolean => customer.endsWith('99');
export const isBadDimension = (dimension: string): boolean => dimension.startsWith('bad');
export const GONE = 'gone';

type Billed = { readonly content: string; readonly id: string; readonly record: WireRecord };

export type SimulatedService = {
  readonly transport: Transport;
  /** What is billed, by key. */
  readonly billed: ReadonlyMap<string, Billed>;
  /** The content of each key that is billed, or may be as far as its sender can know. */
  readonly frozen: ReadonlyMap<string, string>;
  /** Keys with their content, for each request that arrived. */
  readonly arrived: readonly (readonly string[])[];
  /** Promises that were broken. */
  readonly broken: readonly string[];
  /** From here on all is well. */
  readonly calm: () => void;
};

export type ServiceOptions = {
  readonly now: () => Date;
  readonly pass: (ms: number) => void;
  /** Of the requests, in turn; after them all is well. */
  readonly troubles: readonly { readonly trouble: Trouble; readonly place: number; readonly turns: number }[];
  /** AWS's documents disagree on what comes back for a record that is billed already. */
  readonly again: 'Success' | 'DuplicateRecord';
};

/** Requests that were checked together may have to wait for each other's answers. Milliseconds. */
const SLACK_MS = 5 * 60_000;

/** BatchMeterUsage by AWS's rules, and a witness of what is sent to it. */
export const simulateService = ({ now, pass, troubles, again }: ServiceOptions): SimulatedService => {
  const billed = new Map<string, Billed>();
  const frozen = new Map<string, string>();
  const arrived: (readonly string[])[] = [];
  const broken: string[] = [];
  let requests = 0;
  let isCalm = false;

  const witness = ({ ProductCode, UsageRecords }: Inputs['BatchMeterUsage']): void => {
    arrived.push(UsageRecords.map(record => `${keyAt(ProductCode, record)} ${contentOf(record)}`));
    if (UsageRecords.length < 1 || UsageRecords.length > 25) broken.push(`${UsageRecords.length} records`);
    if (new Set(UsageRecords.map(modeOf)).size !== 1) broken.push('two identity modes in one request');
    for (const record of UsageRecords) {
      const key = keyAt(ProductCode, record);
      if ((ProductCode === undefined) !== (modeOf(record) === 'license')) broken.push(`mode of ${key}`);
      const before = frozen.get(key);
      if (before !== undefined && before !== contentOf(record))
        broken.push(`${key} was sent as ${before} and now as ${contentOf(record)}`);
      if (now().getTime() > deadlineOf(record.Timestamp, WINDOWS.BatchMeterUsage) + SLACK_MS)
        broken.push(`${key} is expired`);
    }
  };

  const bill = (record: WireRecord, product: string | undefined): RecordResult => {
    const [key, content] = [keyAt(product, record), contentOf(record)];
    if (isNotSubscribed(record.CustomerAWSAccountId ?? record.CustomerIdentifier ?? '')) {
      return { UsageRecord: record, Status: 'CustomerNotSubscribed' };
    }
    const before = billed.get(key);
    if (before === undefined) {
      const id = `id-${billed.size + 1}`;
      billed.set(key, { content, id, record });
      frozen.set(key, content);
      return { UsageRecord: record, Status: 'Success', MeteringRecordId: id };
    }
    if (before.content !== content || again === 'DuplicateRecord')
      return { UsageRecord: record, Status: 'DuplicateRecord' };
    return { UsageRecord: record, Status: 'Success', MeteringRecordId: before.id };
  };

  const refusalOf = ({ ProductCode, UsageRecords }: Inputs['BatchMeterUsage']): HttpReply | undefined => {
    if (ProductCode === GONE) return awsError('InvalidProductCodeException', 'no such product');
    const isLate = ({ Timestamp }: WireRecord): boolean =>
      now().getTime() >= deadlineOf(Timestamp, WINDOWS.BatchMeterUsage);
    const isBad = UsageRecords.some(({ Dimension }) => isBadDimension(Dimension));
    if (isBad) return awsError('InvalidUsageDimensionException', 'no such dimension');
    return UsageRecords.some(isLate) ? awsError('TimestampOutOfBoundsException', 'too old') : undefined;
  };

  const answer = async (request: Parameters<Transport['send']>[0]): Promise<HttpReply> => {
    const { trouble, place, turns } = (isCalm ? undefined : troubles[requests++]) ?? CALM;
    const input: Inputs['BatchMeterUsage'] = JSON.parse(String(request.body));
    const { ProductCode, UsageRecords } = input;
    if (trouble === 'no-connection') throw new NetworkError('refused', { code: 'ECONNREFUSED', sent: false });
    witness(input);
    pass(trouble === 'slow' ? 20_000 : 10);
    for (let waited = 0; waited < turns; waited += 1) await turn();
    /** The sender cannot know whether these are billed. */
    const inDoubt = (): void => {
      for (const record of UsageRecords) frozen.set(keyAt(ProductCode, record), contentOf(record));
    };
    const lost = new NetworkError('the connection was cut', { code: 'ECONNRESET', sent: true });
    switch (trouble) {
      case 'throttle':
        return awsError('ThrottlingException', 'slow down');
      case 'stale-token':
        return awsError('ExpiredTokenException', 'The security token is expired');
      case 'access-denied':
        return awsError('AccessDeniedException', 'not allowed');
      case 'error500':
      case 'page502':
      case 'lost':
        inDoubt();
        if (trouble === 'lost') throw lost;
        return trouble === 'page502'
          ? pageOf(502)
          : awsError('InternalServiceErrorException', '', { status: 500 });
      default:
    }

    const refusal = refusalOf(input);
    if (refusal !== undefined) return refusal;
    const isHeld = (_: WireRecord, index: number): boolean =>
      trouble === 'all-unprocessed' || (trouble === 'some-unprocessed' && (index + place) % 3 === 0);
    const results = UsageRecords.filter((record, index) => !isHeld(record, index)).map(record =>
      bill(record, ProductCode),
    );
    const UnprocessedRecords = UsageRecords.filter(isHeld);
    const at = place % Math.max(1, results.length);
    const body = JSON.stringify({ Results: results, UnprocessedRecords });
    switch (trouble) {
      case 'lost-after':
      case 'error500-after':
      case 'page502-after':
      case 'cut':
      case 'empty':
        inDoubt();
        if (trouble === 'lost-after') throw lost;
        if (trouble === 'page502-after') return pageOf(502);
        if (trouble === 'empty') return awsReply('');
        if (trouble === 'cut') return awsReply(body.slice(0, (body.length * (place % 10)) / 10));
        return awsError('InternalServiceErrorException', '', { status: 500 });
      case 'one-missing':
      case 'one-without-id': {
        const record = results[at]?.UsageRecord;
        if (record === undefined) return awsReply(body);
        if (trouble === 'one-missing' || results[at]?.MeteringRecordId !== undefined)
          frozen.set(keyAt(ProductCode, record), contentOf(record));
        const { MeteringRecordId: _, ...rest } = results[at] as RecordResult;
        const Results = trouble === 'one-missing' ? results.toSpliced(at, 1) : results.with(at, rest);
        return awsReply({ Results, UnprocessedRecords });
      }
      case 'reordered':
        return awsReply({ Results: [...results.slice(at), ...results.slice(0, at)].reverse() });
      case 'one-twice':
        return awsReply({ Results: [...results, ...results.slice(at, at + 1)], UnprocessedRecords: null });
      case 'one-contradicted':
      case 'one-unprocessed-as-well': {
        const result = results[at];
        const record = result?.UsageRecord;
        if (record === undefined) return awsReply(body);
        frozen.set(keyAt(ProductCode, record), contentOf(record));
        if (trouble === 'one-unprocessed-as-well')
          return awsReply({ Results: results, UnprocessedRecords: [...UnprocessedRecords, record] });
        const Status = result?.Status === 'Success' ? 'CustomerNotSubscribed' : 'Success';
        return awsReply({ Results: [...results, { UsageRecord: record, Status, MeteringRecordId: 'x' }] });
      }
      case 'a-foreign-one': {
        const UsageRecord = { ...(UsageRecords[0] as WireRecord), Dimension: 'of-somebody-else' };
        return awsReply({ Results: [{ UsageRecord, Status: 'Success', MeteringRecordId: 'x' }, ...results] });
      }
      default:
        return awsReply(body);
    }
  };
  /** Each answer has the time of the service. */
  const send: Transport['send'] = async request => {
    if (request.method === 'GET') return timeReply(now());
    const reply = await answer(request);
    return { ...reply, headers: { ...reply.headers, date: now().toUTCString() } };
  };
  const calm = (): void => {
    isCalm = true;
  };
  return { transport: { send, close: () => {} }, billed, frozen, arrived, broken, calm };
};

const CALM = { trouble: 'ok', place: 0, turns: 0 } as const;

const modeOf = (record: WireRecord): string =>
  record.LicenseArn !== undefined
    ? 'license'
    : record.CustomerAWSAccountId !== undefined
      ? 'account'
      : 'customer';

/** What AWS recognizes a record by. */
export const keyAt = (product: string | undefined, record: WireRecord): string =>
  [
    modeOf(record),
    record.LicenseArn ?? product,
    record.CustomerAWSAccountId ?? record.CustomerIdentifier,
    record.Dimension,
    new Date(record.Timestamp * 1000).toISOString().slice(0, 13),
  ].join('|');

/** What AWS bills for it: the quantity, and for each set of tags its part. */
export const contentOf = ({ Quantity, UsageAllocations }: WireRecord): string =>
  [
    Quantity,
    ...(UsageAllocations ?? [])
      .map(
        part =>
          `${part.Tags?.map(({ Key, Value }) => `${Key}=${Value}`).sort()}:${part.AllocatedUsageQuantity}`,
      )
      .sort(),
  ].join(' ');
