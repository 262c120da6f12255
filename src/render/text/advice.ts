import { KnownError, ServiceError } from '../../errors.ts';
import type { Explanation } from '../explanations/explanation.ts';
import { explanationsOf } from '../explanations/find.ts';
import { OWN_ERRORS } from '../explanations/own-errors.ts';

/** The explanation of a failed call. A few names mean one thing for the caller and another for the call. */
export const explanationFor = ({
  kind,
  code,
}: Pick<ServiceError, 'kind' | 'code'>): Explanation | undefined => {
  if (kind === 'clock') return explanationsOf(code === 'ClockWrong' ? code : 'RequestExpired')[0];
  if (UNTRUSTED.test(code))
    return explanationsOf(code)[0] ?? explanationsOf('UNABLE_TO_VERIFY_LEAF_SIGNATURE')[0];
  const found = explanationsOf(code).filter(explanation => ERROR_KINDS.includes(explanation.kind));
  const ofCaller = found.find(explanation => explanation.kind === 'AWS common error');
  return CALLER_KINDS.includes(kind) ? (ofCaller ?? found[0]) : found[0];
};

const CALLER_KINDS: readonly ServiceError['kind'][] = ['credentials', 'stale-credentials'];

/** Node has a name for each reason why a certificate is not trusted. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

const ERROR_KINDS: readonly Explanation['kind'][] = [
  'AWS metering error',
  'AWS common error',
  'network error',
  'ampmeter error',
];

/** LookupEvents is a call of another service, with another permission. */
const LOOKUP_ADVICE =
  'allow the action cloudtrail:LookupEvents on Resource "*" for this identity, or read the files of a trail with --cloudtrail';

/** Where the explanation is about all operations, but the error is about one. */
const FOR_OPERATION: Readonly<Record<string, (operation: string) => string>> = {
  AccessDeniedException: operation =>
    `allow the action aws-marketplace:${operation} on Resource "*" for this identity`,
  ThrottlingException: operation =>
    operation === 'BatchMeterUsage'
      ? 'run the same command again with a lower rate, for example --rate 5'
      : 'run the same command again',
};

/** The next step after an error of the service. */
export const adviceFor = (error: ServiceError): string | undefined => {
  if (error.operation === 'LookupEvents' && error.code.startsWith('AccessDenied')) return LOOKUP_ADVICE;
  const explained = explanationFor(error);
  if (explained !== undefined) return FOR_OPERATION[explained.name]?.(error.operation) ?? explained.next;
  switch (error.kind) {
    case 'throttled':
    case 'unavailable':
      return 'run the same command again';
    case 'credentials':
    case 'stale-credentials':
      return 'check the credentials with aws sts get-caller-identity';
    default:
      return undefined;
  }
};

/** What to do before a call that ended with this error is repeated; '' for nothing. */
export const stepBefore = (error: unknown): string => {
  if (error instanceof ServiceError) {
    const explained = explanationFor(error);
    const isTransient = error.kind === 'throttled' || error.kind === 'unavailable';
    const advice = explained?.before ?? explained?.next ?? (isTransient ? '' : adviceFor(error));
    return error.next ?? advice ?? '';
  }
  if (!(error instanceof KnownError)) return 'report this error';
  const usual = OWN_ERRORS.find(({ name }) => name === error.code);
  return error.next ?? usual?.before ?? usual?.next ?? '';
};

/** The usual next step after one of our own errors that has none, for the command that it ended. */
export const usualAdvice = (code: string, command: string): string | undefined => {
  const help = command === '' ? 'ampmeter --help' : `ampmeter ${command} --help`;
  switch (code) {
    case 'Usage':
      return `see ${help}`;
    case 'InvalidInput':
      return `fix the input and run the same command again; see ${command === 'batch' ? 'ampmeter help csv' : help}`;
    default:
      return OWN_ERRORS.find(({ name }) => name === code)?.next;
  }
};
