import type { Operation } from '../../../src/usage/wire.ts';
import { batch, messageLike, meter, ofAccount, register, resolve, SUCCESS } from '../calls.ts';
import type { Expected, Names, Row, Signing, Step } from '../row.ts';

const JSON_11 = 'AWS JSON 1.1 protocol, Smithy';
const SIGV4 = 'Signature Version 4, IAM User Guide';
const MODEL = 'service model';
const UNKNOWN: Expected = { type: 'UnknownOperationException' };
const WRONG: Expected = { type: 'InvalidSignatureException' };

/** A valid request that is signed or sent in another way. */
const signed = (
  rule: string,
  signing: Signing | 'none',
  expect: Expected,
  source = SIGV4,
  or?: Step['or'],
): Row => ({
  section: '5.1',
  rule,
  source,
  steps: names => [batch(names, [ofAccount(names)], expect, { signing, ...(or && { or }) })],
  stored: expect === SUCCESS ? 1 : 0,
});

const sent = (rule: string, change: Partial<Step>, expect: Expected, source = JSON_11): Row => ({
  section: '5.1',
  rule,
  source,
  steps: names => [{ ...batch(names, [ofAccount(names)], expect), ...change }],
  stored: expect === SUCCESS ? 1 : 0,
});

/** A test value of the emulator that causes the error; it has no meaning at other endpoints. */
const raised = (operation: Operation, type: string, step: (names: Names, expect: Expected) => Step): Row => ({
  section: '5.4',
  rule: `${operation} has ${type}`,
  source: `${MODEL}; API reference, ${operation}`,
  given: { faults: [] },
  steps: names => [step(names, { type, status: type === 'InternalServiceErrorException' ? 500 : 400 })],
  stored: 0,
});

const product =
  (code: string, call: typeof meter | typeof register) =>
  (names: Names, expect: Expected): Step =>
    call({ ...names, product: code }, {}, expect);

const batchFor =
  (code: string) =>
  (names: Names, expect: Expected): Step =>
    batch(names, [ofAccount(names)], expect, { product: code });

const struck = (rule: string, fault: string, expect: Expected, source = MODEL, or: Step['or'] = {}): Row => ({
  section: '5.5',
  rule,
  source,
  given: { faults: [fault] },
  steps: names => [
    batch(names, [ofAccount(names)], expect),
    batch(names, [ofAccount(names)], SUCCESS, { or }),
  ],
  stored: 1,
});

/** Sections 5.1 to 5.6. */
export const WIRE: readonly Row[] = [
  signed('a request signed in its headers is accepted', {}, SUCCESS),
  signed(
    'with x-amz-content-sha256 as well, which the JavaScript client sends',
    { withChecksum: true },
    SUCCESS,
    "AWS's client for JavaScript 3.1138, measured",
  ),
  signed('a presigned request is accepted', { inQuery: true }, SUCCESS),
  signed(
    'another service in the scope is refused',
    { service: 'execute-api' },
    { ...WRONG, body: messageLike(/correct service: 'aws-marketplace'/) },
    'aws-sdk-go, pull request 1034, captured',
    { 'error-message=Message': WRONG },
  ),
  signed(
    'a signature made with another secret is refused',
    { secretAccessKey: 'wrong/wrong/wrong/wrong/wrong/wrong/wrong' },
    WRONG,
  ),
  signed(
    'a key that does not exist is refused',
    { accessKeyId: 'AKIANOBODYHASTHISKEY' },
    { type: 'UnrecognizedClientException', status: 400 },
    'documentation of a seller, captured',
  ),
  signed('a request without a signature is refused', 'none', {
    type: ['MissingAuthenticationTokenException', 'MissingAuthenticationToken'],
    status: 400,
  }),
  signed('a request of half an hour ago is refused', { ahead: -1800 }, WRONG),
  signed('a request of half an hour ahead is refused', { ahead: 1800 }, WRONG),
  signed('a clock that is four minutes off is accepted', { ahead: -240 }, SUCCESS),
  signed(
    'a body that was changed after it was signed is refused',
    { bodyAfterwards: '{"UsageRecords":[]}' },
    WRONG,
  ),
  signed(
    'a header that was changed after it was signed is refused',
    { afterwards: { 'x-amz-target': 'AWSMPMeteringService.MeterUsage' } },
    WRONG,
  ),
  signed(
    'an x-amz- header that was added and not signed is refused',
    { afterwards: { 'x-amz-meta': 'a' } },
    WRONG,
  ),
  signed(
    'a header that is not signed may be added',
    { afterwards: { 'x-forwarded-for': '10.0.0.1' } },
    SUCCESS,
  ),
  sent(
    'an unknown operation is UnknownOperationException',
    { headers: { 'x-amz-target': 'AWSMPMeteringService.Nothing' } },
    UNKNOWN,
  ),
  sent(
    'a target of another service is UnknownOperationException',
    { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } },
    UNKNOWN,
  ),
  sent(
    'a content type with a character set is accepted',
    { headers: { 'content-type': 'application/x-amz-json-1.1; charset=utf-8' } },
    SUCCESS,
  ),
  sent(
    'a body that is not JSON is SerializationException',
    { input: '{"UsageRecords":' },
    { type: 'SerializationException' },
  ),
  sent(
    'an empty body is refused',
    { input: '' },
    { type: ['SerializationException', 'ValidationException'] },
  ),
  sent(
    'a body that is a list is SerializationException',
    { input: '[]' },
    { type: 'SerializationException' },
  ),
  {
    section: '5.1',
    rule: 'members nobody knows are ignored',
    source: JSON_11,
    steps: names => [batch(names, [{ ...ofAccount(names), Unknown: { a: [1] } }], SUCCESS)],
    stored: 1,
  },
  {
    section: '5.1',
    rule: 'a timestamp may be a whole number or have a fraction',
    source: "botocore and AWS's client for JavaScript, measured",
    steps: names => [
      batch(names, [ofAccount(names, { Timestamp: names.hour })], SUCCESS),
      batch(names, [ofAccount(names, { Timestamp: names.hour + 0.499, Dimension: 'gb' })], SUCCESS),
    ],
    stored: 2,
  },
  {
    section: '5.2',
    rule: 'a reply is application/x-amz-json-1.1 and has x-amzn-RequestId',
    source: JSON_11,
    steps: names => [
      batch(names, [ofAccount(names)], {
        headers: { 'content-type': /^application\/x-amz-json-1\.1$/, 'x-amzn-requestid': /^\S{8,}$/ },
      }),
    ],
  },
  {
    section: '5.2',
    rule: 'MeterUsage has a MeteringRecordId and nothing else',
    source: `${MODEL}, MeterUsageResult`,
    steps: names => [
      meter(names, {}, { body: (body: object) => Object.keys(body).join() === 'MeteringRecordId' }),
    ],
  },
  {
    section: '5.2',
    rule: 'RegisterUsage has a Signature, and no PublicKeyRotationTimestamp while the key is in force',
    source: `${MODEL}, RegisterUsageResult`,
    steps: names => [
      register(
        names,
        {},
        { body: { Signature: /^[\w-]+\.[\w-]+\.[\w-]+$/, PublicKeyRotationTimestamp: undefined } },
      ),
    ],
  },
  {
    section: '5.3',
    rule: 'an error has its name in __type and its text in message, and a request id',
    source: `${JSON_11}; ${MODEL}: the member message`,
    steps: () => [
      resolve(
        'nothing-that-was-ever-issued',
        {
          type: 'InvalidTokenException',
          body: { __type: /(^|#)InvalidTokenException$/, message: /./ },
          headers: { 'content-type': /^application\/x-amz-json-1\.1$/, 'x-amzn-requestid': /^\S{8,}$/ },
        },
        {
          or: {
            'error-message=Message': { type: 'InvalidTokenException', body: { Message: /./ } },
            'error-type=header': {
              type: 'InvalidTokenException',
              headers: { 'x-amzn-errortype': /InvalidTokenException/ },
            },
          },
        },
      ),
    ],
  },
  {
    section: '5.3',
    rule: 'what stands before the name is the namespace of the Smithy model',
    source: 'Smithy model; AWS JSON 1.1 protocol: clients must do without',
    steps: () => {
      const named = (__type: RegExp): Expected => ({ type: 'InvalidTokenException', body: { __type } });
      return [
        resolve(
          'nothing-that-was-ever-issued',
          named(/^com\.amazonaws\.marketplacemetering#InvalidTokenException$/),
          {
            or: {
              'error-namespace=sdk': named(/^com\.amazonaws\.marketplace\.metering#InvalidTokenException$/),
              'error-namespace=none': named(/^InvalidTokenException$/),
              'error-type=header': {
                type: 'InvalidTokenException',
                headers: { 'x-amzn-errortype': /InvalidTokenException$/ },
              },
              'error-type=both': {
                ...named(/#InvalidTokenException$/),
                headers: { 'x-amzn-errortype': /InvalidTokenException$/ },
              },
            },
          },
        ),
      ];
    },
  },
  {
    section: '5.4',
    rule: 'the text of InvalidTokenException',
    source: 'aws-sdk-go, pull request 1034, captured',
    steps: () => [
      resolve(
        'nothing-that-was-ever-issued',
        {
          type: 'InvalidTokenException',
          body: messageLike(/^Registration token is invalid/),
        },
        { or: { 'error-message=Message': { type: 'InvalidTokenException' } } },
      ),
    ],
  },
  raised('BatchMeterUsage', 'InternalServiceErrorException', batchFor('internal_error')),
  raised('BatchMeterUsage', 'ThrottlingException', batchFor('throttled')),
  raised('BatchMeterUsage', 'DisabledApiException', batchFor('disabled_api')),
  raised('MeterUsage', 'InternalServiceErrorException', product('internal_error', meter)),
  raised('MeterUsage', 'ThrottlingException', product('throttled', meter)),
  raised('MeterUsage', 'InvalidProductCodeException', product('unknown_product', meter)),
  raised('MeterUsage', 'InvalidEndpointRegionException', product('wrong_region', meter)),
  raised('MeterUsage', 'CustomerNotEntitledException', product('not_entitled', meter)),
  raised('MeterUsage', 'InvalidUsageDimensionException', (names, expect) =>
    meter(names, { UsageDimension: 'unknown_dimension' }, expect),
  ),
  raised('MeterUsage', 'InvalidTagException', (names, expect) =>
    meter(
      names,
      { UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: '~', Value: 'a' }] }] },
      expect,
    ),
  ),
  raised('RegisterUsage', 'InternalServiceErrorException', product('internal_error', register)),
  raised('RegisterUsage', 'ThrottlingException', product('throttled', register)),
  raised('RegisterUsage', 'DisabledApiException', product('disabled_api', register)),
  raised('RegisterUsage', 'InvalidProductCodeException', product('unknown_product', register)),
  raised('RegisterUsage', 'CustomerNotEntitledException', product('not_entitled', register)),
  raised('RegisterUsage', 'InvalidRegionException', product('wrong_region', register)),
  raised('RegisterUsage', 'PlatformNotSupportedException', product('unsupported_platform', register)),
  raised('RegisterUsage', 'InvalidPublicKeyVersionException', (names, expect) =>
    register(names, { PublicKeyVersion: 999 }, expect),
  ),
  raised('ResolveCustomer', 'InternalServiceErrorException', (_, expect) =>
    resolve('internal_error_token', expect),
  ),
  raised('ResolveCustomer', 'ThrottlingException', (_, expect) => resolve('throttled_token', expect)),
  raised('ResolveCustomer', 'DisabledApiException', (_, expect) => resolve('disabled_api_token', expect)),
  raised('ResolveCustomer', 'ExpiredTokenException', (_, expect) => resolve('expired_token', expect)),
  struck('throttled calls are ThrottlingException with status 400, and may be sent again', 'throttle', {
    type: 'ThrottlingException',
  }),
  struck('an internal error has status 500, and the call may be sent again', 'error500', {
    type: 'InternalServiceErrorException',
    status: 500,
  }),
  struck(
    'a 503 is temporary',
    'error503',
    { type: 'ServiceUnavailable', status: 503 },
    'common errors of AWS services',
  ),
  struck(
    'a call that was carried out although it failed may be sent again',
    'error500-after',
    { type: 'InternalServiceErrorException', status: 500 },
    'API reference, BatchMeterUsage: requests may be retried',
    { 'identical-resend=duplicate': { statuses: ['DuplicateRecord'] } },
  ),
  {
    section: '5.6',
    rule: 'a permitted dry run has the id DryRunOperation, and records nothing',
    source: "CloudQuery's tests; AWS's sample aws-marketplace-metered-container-product",
    steps: names => [
      meter(
        names,
        { DryRun: true },
        { body: { MeteringRecordId: 'DryRunOperation' } },
        {
          or: { 'dry-run=error': { type: 'DryRunOperation' } },
        },
      ),
      // If it had been recorded, another quantity would be a duplicate.
      meter(names, { UsageQuantity: 4 }, {}),
    ],
    stored: 1,
  },
  {
    section: '5.6',
    rule: 'a dry run tells of a dimension that does not exist',
    source: "AWS's sample aws-marketplace-metered-container-product",
    steps: names => [
      meter(
        names,
        { DryRun: true, UsageDimension: 'unknown_dimension' },
        {
          type: 'InvalidUsageDimensionException',
          body: messageLike(/usageDimension: "?unknown_dimension/),
        },
        { or: { 'dry-run-checks=permission': { body: { MeteringRecordId: 'DryRunOperation' } } } },
      ),
    ],
    stored: 0,
  },
];
