import type { EpochMs } from '../../usage/hours.ts';
import { quoted, type Refusal, refuse } from '../rules/refusals.ts';
import type { CredentialScope } from './signing-key.ts';

/** The maximum distance between the date of a request and now: the five minutes in AWS's messages. */
const TOLERANCE_MS = 5 * 60_000;

/** What is wrong with the `X-Amz-Date` of a request at `now`; undefined: nothing. */
export const dateProblem = (
  date: string | undefined,
  scope: CredentialScope,
  now: Date,
  lifetimeMs: number = TOLERANCE_MS,
): Refusal | undefined => {
  if (date === undefined) {
    return refuse(
      'IncompleteSignatureException',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  const at = parseBasic(date);
  if (at === undefined) {
    return refuse(
      'IncompleteSignatureException',
      `Date must be in ISO-8601 'basic format'. Got ${quoted(date)}.`,
    );
  }
  if (scope.date !== date.slice(0, 8)) {
    return refuse(
      'InvalidSignatureException',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${quoted(scope.date)} != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  const nowMs = now.getTime();
  if (at < nowMs - lifetimeMs) {
    return refuse(
      'InvalidSignatureException',
      `Signature expired: ${date} is now earlier than ${basicFormat(nowMs - lifetimeMs)} (${basicFormat(nowMs)} - ${durationText(lifetimeMs)})`,
    );
  }
  if (at > nowMs + TOLERANCE_MS) {
    return refuse(
      'InvalidSignatureException',
      `Signature not yet current: ${date} is still later than ${basicFormat(nowMs + TOLERANCE_MS)} (${basicFormat(nowMs)} + ${durationText(TOLERANCE_MS)})`,
    );
  }
  return undefined;
};

const durationText = (ms: number): string =>
  ms % 60_000 === 0 ? `${ms / 60_000} min.` : `${ms / 1000} sec.`;

/** Parses `20261122T095221Z`. */
const parseBasic = (text: string): EpochMs | undefined => {
  if (!/^[0-9]{8}T[0-9]{6}Z$/.test(text)) return undefined;
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  const at = Date.parse(`${date}T${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13)}`);
  return Number.isNaN(at) ? undefined : at;
};

const basicFormat = (ms: EpochMs): string => new Date(ms).toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
