import { hash } from 'node:crypto';
import type { EpochSeconds } from '../../usage/hours.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { arnOf, principalIdOf } from '../principal.ts';
import type { CallEvent } from './call-event.ts';

/** The behaviors that determine how an event is written, where AWS's own pages disagree. */
export type EventFormat = Pick<
  Behaviours,
  'cloudtrail-account-key' | 'cloudtrail-source' | 'cloudtrail-timestamp'
>;

/** An event in CloudTrail's format. */
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
 * Members, their order and the version follow AWS's example (Marketplace Seller Guide and API reference, "Logging AWS
 * Marketplace Metering API calls with AWS CloudTrail"). The members of a failed call follow the CloudTrail User Guide,
 * record contents.
 */
export const cloudTrailEvent = (event: CallEvent, format: EventFormat): CloudTrailEvent => {
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
    eventSource: sourceOf(event, format),
    eventName: event.operation,
    awsRegion: region,
    sourceIPAddress: event.sourceIPAddress,
    userAgent: shortened(event.userAgent),
    ...(error && {
      errorCode: ERROR_CODES.get(error.code) ?? error.code,
      errorMessage: shortened(error.message),
    }),
    requestParameters: bounded('requestParameters', input, format),
    responseElements: bounded('responseElements', output, format),
    requestID: event.requestId,
    eventID: eventIdOf(event),
    readOnly: isReadOnly(event),
    eventType: 'AwsApiCall',
    recipientAccountId: accountId,
  };
};

/** Always the same for an event, and different for each request. */
export const eventIdOf = ({ requestId }: CallEvent): string => {
  const hex = digest(`event of ${requestId}`);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Only LookupEvents reads. The published events of metering calls are not marked as read-only. */
export const isReadOnly = ({ operation }: CallEvent): boolean => operation === 'LookupEvents';

export const sourceOf = ({ operation }: CallEvent, format: EventFormat): string =>
  `${operation === 'LookupEvents' ? 'cloudtrail' : format['cloudtrail-source']}.amazonaws.com`;

/** The code in examples of other services; the name of the exception occurs as well. */
const ERROR_CODES: ReadonlyMap<string, string> = new Map([['AccessDeniedException', 'AccessDenied']]);

/** `2018-04-19T16:32:51Z` */
const toTheSecond = (at: Date): string => `${at.toISOString().slice(0, -5)}Z`;

const digest = (text: string): string => hash('sha256', text, 'hex');

/** Source: CloudTrail User Guide, record contents: longer texts are truncated. */
const TEXT_LIMIT = 1024;

const shortened = (text: string): string => (text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text);

/** Source: CloudTrail User Guide, record contents: a larger value is replaced by `omitted`. */
const FIELD_LIMIT = 100 * 1024;

const bounded = (
  name: 'requestParameters' | 'responseElements',
  value: object | undefined,
  format: EventFormat,
): object | null => {
  if (value === undefined || Object.keys(value).length === 0) return null;
  const formatted = formatObject(value, format);
  const originalSize = Buffer.byteLength(JSON.stringify(formatted));
  return originalSize > FIELD_LIMIT
    ? { reason: `${name} too large`, omitted: true, originalSize }
    : formatted;
};

/** Member names begin with a lower-case letter, unlike those of the API. */
const formatObject = (value: object, format: EventFormat): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, unknown] => {
      const key =
        name === 'CustomerAWSAccountId'
          ? format['cloudtrail-account-key']
          : `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      return [key, formatMember(name, inner, format)];
    }),
  );

const formatMember = (name: string, value: unknown, format: EventFormat): unknown => {
  if (typeof value === 'number' && INSTANTS.has(name))
    return formatInstant(value, format['cloudtrail-timestamp']);
  if (Array.isArray(value)) return value.map(item => formatItem(item, format));
  return formatItem(value, format);
};

const formatItem = (value: unknown, format: EventFormat): unknown =>
  typeof value === 'object' && value !== null ? formatObject(value, format) : value;

/** The members with epoch seconds in the API. */
const INSTANTS: ReadonlySet<string> = new Set([
  'Timestamp',
  'PublicKeyRotationTimestamp',
  'StartTime',
  'EndTime',
]);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Apr 19, 2018 4:32:50 PM`, in UTC, like AWS's example. Newer Java runtimes write U+202F before AM and PM. */
export const formatInstant = (seconds: EpochSeconds, format: EventFormat['cloudtrail-timestamp']): string => {
  const at = new Date(Math.floor(seconds) * 1000);
  if (format === 'iso') return toTheSecond(at);
  const hour = at.getUTCHours();
  const clock = [hour % 12 || 12, twoDigits(at.getUTCMinutes()), twoDigits(at.getUTCSeconds())].join(':');
  const day = `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  return `${day} ${clock}${format === 'space' ? ' ' : '\u202f'}${hour < 12 ? 'AM' : 'PM'}`;
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');
