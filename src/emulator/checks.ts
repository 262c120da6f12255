import { deadlineOf, WINDOWS } from '../usage/windows.ts';
import { allocationsAddUp, tagsAreValid } from './allocation-checks.ts';
import type { Asked } from './asked.ts';
import { first } from './first.ts';
import { identitiesAreWhole, licencesAreOfOneProduct, productGoesWithIdentity } from './identity-checks.ts';
import { quoted, type Refusal, refuse, refuseBecause } from './refusals.ts';
import { customerOf } from './registration-tokens.ts';
import { testRefusal } from './test-values.ts';

export type Circumstances = {
  readonly now: Date;
  /** Whether usage can be too old, or in the future. */
  readonly window: 'on' | 'off';
};

/** Looks at a whole request; undefined: go on. */
export type Check = (asked: Asked, circumstances: Circumstances) => Refusal | undefined;

const productIsKnown: Check = ({ operation, productCode, publicKeyVersion }) =>
  testRefusal(operation, 'ProductCode', productCode) ??
  testRefusal(operation, 'PublicKeyVersion', publicKeyVersion?.toString());

const tokenIsValid: Check = ({ operation, registrationToken: token }) => {
  if (token === undefined) return undefined;
  const refusal = testRefusal(operation, 'RegistrationToken', token);
  return refusal ?? (customerOf(token) === undefined ? refuse('InvalidTokenException') : undefined);
};

const licencesAreValid: Check = ({ operation, usages }) =>
  first(usages, usage => testRefusal(operation, 'LicenseArn', usage.licenseArn));

const customersExist: Check = ({ operation, usages }) =>
  first(usages, usage => testRefusal(operation, 'CustomerIdentifier', usage.customerIdentifier));

/**
 * Age counts from the timestamp itself, to the millisecond; nothing is accepted ahead of now. Source: BatchMeterUsage and
 * MeterUsage, API reference. In the days of the 6-hour window AWS was seen to count from the start of the current hour,
 * which is more lenient.
 */
const timestampsAreInWindow: Check = ({ operation, usages }, { now, window }) => {
  if (window === 'off' || (operation !== 'BatchMeterUsage' && operation !== 'MeterUsage')) return undefined;
  const nowMs = now.getTime();
  return first(usages, ({ at }) =>
    at <= nowMs && nowMs < deadlineOf(at / 1000, WINDOWS[operation])
      ? undefined
      : refuseBecause(
          'TimestampOutOfBoundsException',
          `${new Date(at).toISOString()} at ${now.toISOString()}`,
        ),
  );
};

/** Names are compared byte by byte. Source: Seller Guide. */
const dimensionsAreKnown: Check = ({ operation, usages }) =>
  first(usages, ({ dimension }) => {
    const refusal = testRefusal(operation, 'Dimension', dimension);
    return refusal === undefined
      ? undefined
      : { ...refusal, message: `${refusal.message} usageDimension: ${quoted(dimension)}` };
  });

/**
 * What the service looks at before it stores anything, in this order. Each check sees the whole request, and one bad
 * record refuses all of it. AWS publishes neither order nor whether a message names the record.
 */
export const CHECKS: readonly Check[] = [
  productIsKnown,
  tokenIsValid,
  identitiesAreWhole,
  productGoesWithIdentity,
  licencesAreValid,
  licencesAreOfOneProduct,
  customersExist,
  timestampsAreInWindow,
  dimensionsAreKnown,
  tagsAreValid,
  allocationsAddUp,
];

/** The first refusal; undefined when the request may be carried out. */
export const refusalOf = (asked: Asked, circumstances: Circumstances): Refusal | undefined =>
  first(CHECKS, check => check(asked, circumstances));
