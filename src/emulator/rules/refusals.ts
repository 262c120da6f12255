import { ERRORS, type ErrorName } from './errors.ts';

/** The refusal of a whole request, of which nothing is stored. */
export type Refusal = {
  readonly kind: 'refusal';
  readonly error: ErrorName;
  readonly status: number;
  readonly message: string;
  /** The request did not reach the service: CloudTrail has no event for it. */
  readonly beforeService?: true;
  /** Headers besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal with AWS's own text, or with another message or status. */
export const refuse = (error: ErrorName, message?: string, status?: number): Refusal => ({
  kind: 'refusal',
  error,
  status: status ?? ERRORS[error].status,
  message: message ?? ERRORS[error].message,
});

/** A refusal with AWS's own text, followed by the cause as the emulator knows it. */
export const refuseBecause = (error: ErrorName, cause: string): Refusal =>
  refuse(error, `${ERRORS[error].message} (${cause})`);

/** An account is an identity like a CustomerIdentifier; AWS's error for an unknown account is not public. */
export const withoutAgreement = (account: string): Refusal =>
  refuseBecause('InvalidCustomerIdentifierException', `${quoted(account)} has never had an agreement`);

/** Adds the dimension like MeterUsage does: AWS's container sample reads it from the message. */
export const aboutDimension = (refusal: Refusal, dimension: string): Refusal => ({
  ...refusal,
  message: `${refusal.message} usageDimension: ${quoted(dimension)}`,
});

export const isRefusal = (result: object): result is Refusal => 'kind' in result && result.kind === 'refusal';
/** A value from the caller inside a message: quoted, escaped and shortened. */
export const quoted = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

/** The first refusal among the items. */
export const firstRefusal = <T>(
  items: readonly T[],
  refusalOf: (item: T) => Refusal | undefined,
): Refusal | undefined => {
  for (const item of items) {
    const refusal = refusalOf(item);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};
