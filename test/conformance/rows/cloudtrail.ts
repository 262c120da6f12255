import { batch, meter, ofAccount, resolve } from '../calls.ts';
import type { Expected, Row, Step } from '../row.ts';

const CT = 'API reference, logging-metering-api-calls-with-cloudtrail';

type Event = Readonly<Record<string, unknown>>;

/** The newest event with this name, as CloudTrail recorded it. */
const newest = (name: string, fits: (event: Event) => boolean, or?: Step['or']): Step => ({
  operation: 'LookupEvents',
  input: { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }] },
  expect: found(fits),
  ...(or && { or }),
});

const found = (fits: (event: Event) => boolean): Expected => ({
  body: {
    Events: (events: readonly { readonly CloudTrailEvent: string }[]) => {
      const [event] = events;
      return event !== undefined && fits(JSON.parse(event.CloudTrailEvent) as Event);
    },
  },
});

const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce(
    (inner, name) => (inner as Readonly<Record<string | number, unknown>> | undefined)?.[name],
    value,
  );

/** Only the emulator has CloudTrail at the same endpoint. */
const given = { faults: [] };

/** Section 9. */
export const CLOUDTRAIL_ROWS: readonly Row[] = [
  {
    section: '9.1',
    rule: 'a call leaves an event of this service, of its Region and account',
    source: CT,
    given,
    steps: names => [
      batch(names, [ofAccount(names)], {}),
      newest(
        'BatchMeterUsage',
        event =>
          event['eventSource'] === 'metering-marketplace.amazonaws.com' &&
          event['eventType'] === 'AwsApiCall' &&
          event['awsRegion'] === 'us-east-1' &&
          at(event, 'userIdentity', 'accountId') === event['recipientAccountId'],
        {
          'cloudtrail-source=marketplacemetering': found(
            event => event['eventSource'] === 'marketplacemetering.amazonaws.com',
          ),
        },
      ),
    ],
  },
  {
    section: '9.1',
    rule: 'an event has the request in camel case, and the account under customerAWSAccountID',
    source: CT,
    given,
    steps: names => [
      batch(names, [ofAccount(names)], {}),
      newest(
        'BatchMeterUsage',
        event => {
          const record = at(event, 'requestParameters', 'usageRecords', 0);
          return (
            at(event, 'requestParameters', 'productCode') === names.product &&
            at(record, 'dimension') === 'users' &&
            at(record, 'quantity') === 3 &&
            at(record, 'customerAWSAccountID') === names.account
          );
        },
        {
          'cloudtrail-account-key=customerAWSAccountId': found(
            event =>
              at(event, 'requestParameters', 'usageRecords', 0, 'customerAWSAccountId') === names.account,
          ),
        },
      ),
    ],
  },
  {
    section: '9.1',
    rule: 'timestamps in an event are spelled Apr 19, 2018 4:32:50 PM',
    source: CT,
    given,
    steps: names => {
      const spelt = (form: RegExp) => (event: Event) =>
        form.test(String(at(event, 'requestParameters', 'usageRecords', 0, 'timestamp')));
      return [
        batch(names, [ofAccount(names)], {}),
        newest('BatchMeterUsage', spelt(/^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/), {
          'cloudtrail-timestamp=narrow-space': found(spelt(/^[A-Z][a-z]{2} .*\d\u202f[AP]M$/)),
          'cloudtrail-timestamp=iso': found(spelt(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)),
        }),
      ];
    },
  },
  {
    section: '9.1',
    rule: 'an event has the outcome of each record',
    source: CT,
    given,
    steps: names => [
      batch(names, [ofAccount(names)], { ids: 'a' }),
      newest(
        'BatchMeterUsage',
        event =>
          at(event, 'responseElements', 'results', 0, 'status') === 'Success' &&
          /^[0-9a-f-]{36}$/.test(String(at(event, 'responseElements', 'results', 0, 'meteringRecordId'))) &&
          Array.isArray(at(event, 'responseElements', 'unprocessedRecords')),
      ),
    ],
  },
  {
    section: '9.1',
    rule: 'the event of a call that failed has errorCode and errorMessage, and no responseElements',
    source: 'CloudTrail User Guide, record contents',
    given,
    steps: names => [
      batch(
        names,
        [ofAccount(names)],
        { type: 'InvalidProductCodeException' },
        { product: 'unknown_product' },
      ),
      newest(
        'BatchMeterUsage',
        event =>
          event['errorCode'] === 'InvalidProductCodeException' &&
          typeof event['errorMessage'] === 'string' &&
          event['responseElements'] === null,
      ),
    ],
  },
  {
    section: '9.1',
    rule: 'the event of MeterUsage has dimension and quantity',
    source: CT,
    given,
    steps: names => [
      meter(names, {}, {}),
      newest(
        'MeterUsage',
        event =>
          at(event, 'requestParameters', 'usageDimension') === 'users' &&
          at(event, 'requestParameters', 'usageQuantity') === 3,
      ),
    ],
  },
  {
    section: '9.1',
    rule: 'ResolveCustomer leaves an event',
    source: "AWS's agent skill aws-marketplace-metering; not in the list of the API reference",
    given,
    steps: () => [
      resolve('nothing-that-was-ever-issued', { type: 'InvalidTokenException' }),
      newest('ResolveCustomer', event => event['errorCode'] === 'InvalidTokenException', {
        'cloudtrail-resolve-customer=absent': { body: { Events: [] } },
      }),
    ],
  },
  {
    section: '9.2',
    rule: 'LookupEvents gives 50 events at most',
    source: 'CloudTrail API reference, LookupEvents',
    given,
    steps: () => [
      {
        operation: 'LookupEvents',
        input: { MaxResults: 51 },
        expect: { type: ['InvalidMaxResultsException', 'ValidationException'] },
      },
    ],
  },
  {
    section: '9.2',
    rule: 'LookupEvents finds the events of its own Region only',
    source: 'CloudTrail API reference, LookupEvents',
    given,
    steps: names => [
      batch(names, [ofAccount(names)], {}, { region: 'eu-west-1' }),
      { ...newest('BatchMeterUsage', () => true), region: 'ap-south-1', expect: { body: { Events: [] } } },
      { ...newest('BatchMeterUsage', () => true), region: 'eu-west-1' },
    ],
  },
  {
    section: '9.2',
    rule: 'a third LookupEvents in a second is ThrottlingException',
    source: 'CloudTrail API reference, LookupEvents: two requests a second',
    given,
    steps: () => {
      const look = (expect: Expected): Step => ({ operation: 'LookupEvents', input: {}, expect });
      return [look({}), look({}), look({ type: 'ThrottlingException' })];
    },
  },
];
