import { hash } from 'node:crypto';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { arnOf, principalIdOf } from '../principal.ts';
import type { CallEvent } from './call-event.ts';

/** The points on which AWS's own pages spell an event in two ways. */
export type EventFormat = Pick<
  Behaviours,
  'cloudtrail-account-key' | 'cloudtrail-source' | 'cloudtrail-timestamp'
>;

/** An event as CloudTrail writes it. */
export type CloudTrailEvent = {
  readonly eventVersion: string;
  readonly userIdentity: {
    readonly type: 'IAMUser';
    readonly principalId: string;
    readonly arn: string;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly userName: string;
  };
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: object | null;
  readonly responseElements: object | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly eventType: 'AwsApiCall';
  readonly recipientAccountId: string;
};

/**
 * Members, their order and the version are those of the example that AWS publishes (Marketplace Seller Guide and API
 * reference, "Logging AWS Marketplace Metering API calls with AWS CloudTrail"); what a failed call has comes from the
 * CloudTrail User Guide, record contents.
 */
export const cloudTrailEvent = (event: CallEvent, spelling: EventFormat): CloudTrailEvent => {
  const { caller, error, input, output } = event;
  const { accountId, accessKeyId, userName, region } = caller;
  return {
    eventVersion: '1.05',
    userIdentity: {
      type: 'IAMUser',
      principalId: principalIdOf(caller),
      arn: arnOf(caller, region),
      accountId,
      accessKeyId,
      userName,
    },
    eventTime: toTheSecond(event.at),
    eventSource: sourceOf(event, spelling),
    eventName: event.operation,
    awsRegion: region,
    sourceIPAddress: event.sourceIPAddress,
    userAgent: shortened(event.userAgent),
    ...(error && {
      errorCode: ERROR_CODES.get(error.code) ?? error.code,
      errorMessage: shortened(error.message),
    }),
    requestParameters: bounded('requestParameters', input, spelling),
    responseElements: bounded('responseElements', output, spelling),
    requestID: event.requestId,
    eventID: eventIdOf(event),
    readOnly: isReadOnly(event),
    eventType: 'AwsApiCall',
    recipientAccountId: accountId,
  };
};

/** The same one whenever the event is written, and another for each request. */
export const eventIdOf = ({ requestId }: CallEvent): string => {
  const hex = digest(`event of ${requestId}`);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** LookupEvents alone changes nothing. The published events of metering calls are marked as changes. */
export const isReadOnly = ({ operation }: CallEvent): boolean => operation === 'LookupEvents';

export const sourceOf = ({ operation }: CallEvent, spelling: EventFormat): string =>
  `${operation === 'LookupEvents' ? 'cloudtrail' : spelling['cloudtrail-source']}.amazonaws.com`;

/** As the examples of other services have it; the exception's own name is seen as well. */
const ERROR_CODES: ReadonlyMap<string, string> = new Map([['AccessDeniedException', 'AccessDenied']]);

/** `2018-04-19T16:32:51Z` */
const toTheSecond = (at: Date): string => `${at.toISOString().slice(0, -5)}Z`;

const digest = (text: string): string => hash('sha256', text, 'hex');

/** Source: CloudTrail User Guide, record contents: longer texts are cut. */
const TEXT_LIMIT = 1024;

const shortened = (text: string): string => (text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text);

/** Source: CloudTrail User Guide, record contents: what is larger is left out, and `omitted` says so. */
const FIELD_LIMIT = 100 * 1024;

const bounded = (
  name: 'requestParameters' | 'responseElements',
  value: object | undefined,
  spelling: EventFormat,
): object | null => {
  if (value === undefined || Object.keys(value).length === 0) return null;
  const spelled = formatObject(value, spelling);
  const originalSize = Buffer.byteLength(JSON.stringify(spelled));
  return originalSize > FIELD_LIMIT ? { reason: `${name} too large`, omitted: true, originalSize } : spelled;
};

/** Members begin with a small letter, whatever the API's own begin with. */
const formatObject = (value: object, spelling: EventFormat): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, unknown] => {
      const key =
        name === 'CustomerAWSAccountId'
          ? spelling['cloudtrail-account-key']
          : `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      return [key, formatMember(name, inner, spelling)];
    }),
  );

const formatMember = (name: string, value: unknown, spelling: EventFormat): unknown => {
  if (typeof value === 'number' && INSTANTS.has(name))
    return formatInstant(value, spelling['cloudtrail-timestamp']);
  if (Array.isArray(value)) return value.map(item => formatItem(item, spelling));
  return formatItem(value, spelling);
};

const formatItem = (value: unknown, spelling: EventFormat): unknown =>
  typeof value === 'object' && value !== null ? formatObject(value, spelling) : value;

/** The members that are epoch seconds in the API. */
const INSTANTS: ReadonlySet<string> = new Set([
  'Timestamp',
  'PublicKeyRotationTimestamp',
  'StartTime',
  'EndTime',
]);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * `Apr 19, 2018 4:32:50 PM`, in UTC, as the published example has it. Newer Java runtimes put a narrow no-break space
 * (U+202F) before AM and PM.
 */
export const formatInstant = (epochSeconds: number, form: EventFormat['cloudtrail-timestamp']): string => {
  const at = new Date(Math.floor(epochSeconds) * 1000);
  if (form === 'iso') return toTheSecond(at);
  const hour = at.getUTCHours();
  const clock = [hour % 12 || 12, twoDigits(at.getUTCMinutes()), twoDigits(at.getUTCSeconds())].join(':');
  const day = `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  return `${day} ${clock}${form === 'space' ? ' ' : '\u202f'}${hour < 12 ? 'AM' : 'PM'}`;
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');
