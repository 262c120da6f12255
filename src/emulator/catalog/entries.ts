import { parseTimestamp } from '../../usage/timestamp.ts';
import { KEY_PAIR, OWNER } from '../key-pair.ts';
import type { Agreement, Customer, Key, Product, Token } from './catalog.ts';
import {
  EVERY_ACTION,
  LOOK_UP,
  type Written,
  type WrittenAccount,
  type WrittenAgreement,
  type WrittenCustomer,
  type WrittenKey,
  type WrittenProduct,
  type WrittenToken,
} from './schema.ts';
import { shown } from './form.ts';
import { checkReference, type Placed, placedAt, type Report, type Section, uniquely } from './section.ts';

/** What entries name one another by. */
export type Sections = {
  readonly accounts: Section<WrittenAccount>;
  readonly products: Section<WrittenProduct>;
  readonly customers: Section<WrittenCustomer>;
};

/** Products created since take usage by licence only. Source: BatchMeterUsage, API reference. */
const LICENSES_ONLY_SINCE_MS = Date.UTC(2026, 5, 1);

export const productOf = (
  { path, entry }: Placed<WrittenProduct>,
  { accounts }: Sections,
  owner: string,
  complain: Report,
): Product => {
  if (entry.owner !== undefined) checkReference(`${path}.owner`, entry.owner, accounts, complain);
  const createdMs = entry.created && instantOf(`${path}.created`, entry.created, complain);
  const publicKeys = placedAt(`${path}.publicKeys`, entry.publicKeys ?? [{ version: 1 }]);
  uniquely(publicKeys, 'version', complain);
  return {
    code: entry.code,
    owner: entry.owner ?? owner,
    dimensions: entry.dimensions && new Set(entry.dimensions),
    regions: entry.regions && new Set(entry.regions),
    byLicenseOnly: entry.concurrentAgreements ?? Number(createdMs ?? 0) >= LICENSES_ONLY_SINCE_MS,
    publicKeys: new Map(
      publicKeys.map(key => {
        const { version, replaced } = key.entry;
        return [
          version,
          replaced === undefined ? replaced : instantOf(`${key.path}.replaced`, replaced, complain),
        ];
      }),
    ),
  };
};

export const agreementOf = (
  { path, entry }: Placed<WrittenAgreement>,
  { products, customers }: Sections,
  complain: Report,
): Agreement => {
  checkReference(`${path}.product`, entry.product, products, complain);
  checkReference(`${path}.customer`, entry.customer, customers, complain);
  const start = entry.start === undefined ? undefined : instantOf(`${path}.start`, entry.start, complain);
  const end = entry.end === undefined ? undefined : instantOf(`${path}.end`, entry.end, complain);
  if (start !== undefined && end !== undefined && end <= start) {
    complain(`${path}.end`, `it is not after start, ${new Date(start).toISOString()}`);
  }
  return {
    product: entry.product,
    customer: entry.customer,
    licenseArn: entry.licenseArn,
    state: entry.state ?? 'active',
    startMs: start ?? Number.NEGATIVE_INFINITY,
    endMs: end ?? Number.POSITIVE_INFINITY,
  };
};

export const customerOf = (entry: WrittenCustomer, agreements: readonly Agreement[]): Customer => ({
  account: entry.account,
  identifier: entry.identifier,
  isSuspended: entry.suspended ?? false,
  agreements: agreements.filter(({ customer }) => customer === entry.account),
});

/** A token tells the licence of an agreement, and so must say which one when there are several. */
export const tokenOf = (
  { path, entry }: Placed<WrittenToken>,
  { products, customers }: Sections,
  /** Those of the token's customer. */
  agreements: readonly Agreement[],
  usual: { readonly issued: Date; readonly lifetime: Written['tokenLifetime'] },
  complain: Report,
): Token => {
  checkReference(`${path}.product`, entry.product, products, complain);
  checkReference(`${path}.customer`, entry.customer, customers, complain);
  const licences = agreements.flatMap(({ product, licenseArn }) =>
    licenseArn !== undefined && product === entry.product ? [licenseArn] : [],
  );
  if (entry.licenseArn === undefined && licences.length > 1) {
    complain(
      path,
      `there are ${licences.length} agreements with a licence between the two: add "licenseArn"`,
    );
  } else if (entry.licenseArn !== undefined && !licences.includes(entry.licenseArn)) {
    complain(`${path}.licenseArn`, 'no agreement between this product and this customer has it');
  }
  const issued = entry.issued === undefined ? undefined : instantOf(`${path}.issued`, entry.issued, complain);
  return {
    token: entry.token,
    product: entry.product,
    customer: entry.customer,
    licenseArn: entry.licenseArn ?? licences[0],
    issuedMs: issued ?? usual.issued.getTime(),
    lifetimeMs: durationOf(entry.lifetime ?? usual.lifetime ?? '4h'),
  };
};

/**
 * The keys of all accounts. The example key pair needs no writing down: it is that of account 123456789012, unless that
 * account has a list of its own or another has taken the name.
 */
export const keysOf = (accounts: Section<WrittenAccount>, complain: Report): ReadonlyMap<string, Key> => {
  const written: readonly Placed<Key>[] = accounts.entries.flatMap(({ path, entry }) =>
    placedAt(`${path}.keys`, entry.keys).map(key => ({ path: key.path, entry: keyOf(key.entry, entry) })),
  );
  const keys = uniquely(written, 'accessKeyId', complain);
  const owner = accounts.named.get(OWNER.accountId);
  return owner === undefined || owner.keys !== undefined
    ? keys
    : new Map([[KEY_PAIR.accessKeyId, exampleKeyOf(owner)], ...keys]);
};

export const exampleKeyOf = (account: WrittenAccount): Key => ({
  ...keyOf(KEY_PAIR, account),
  takesAnyToken: true,
});

const keyOf = (key: WrittenKey, account: WrittenAccount): Key => ({
  accountId: account.id,
  userName: key.userName ?? account.userName ?? OWNER.userName,
  accessKeyId: key.accessKeyId,
  secretAccessKey: key.secretAccessKey ?? KEY_PAIR.secretAccessKey,
  sessionToken: key.sessionToken,
  takesAnyToken: false,
  permissions: new Set(key.permissions ?? account.permissions ?? [EVERY_ACTION, LOOK_UP]),
  region: key.region,
  platform: key.platform,
});

/** An instant as catalogs write it, in epoch milliseconds. The form of a text does not say whether the day exists. */
export const instantOf = (path: string, text: string, complain: Report): number | undefined => {
  const parsed = parseTimestamp(text.includes('T') ? text : `${text}T00:00Z`, { timezone: undefined });
  if (parsed.ok) return parsed.value;
  complain(path, `${shown(text)} is an instant that does not exist; years begin with 1970`);
  return undefined;
};

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `4h` in milliseconds; its form has been checked. */
export const durationOf = (text: string): number =>
  Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
