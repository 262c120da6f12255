import { durationMs, type EpochMs } from '../../usage/hours.ts';
import { parseTimestamp } from '../../usage/timestamp.ts';
import type { Price } from '../marketplace/listing.ts';
import { KEY_PAIR, OWNER } from '../principal.ts';
import type { Agreement, Customer, Key, Product, Token } from './catalog.ts';
import { shown } from './form.ts';
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
import {
  checkReference,
  type Placed,
  placedAt,
  type ReportProblem,
  type Section,
  uniquely,
} from './section.ts';

/** The sections that entries refer to. */
export type Sections = {
  readonly accounts: Section<WrittenAccount>;
  readonly products: Section<WrittenProduct>;
  readonly customers: Section<WrittenCustomer>;
};

/** Products created since then accept usage by license only. Source: BatchMeterUsage, API reference. */
const LICENSES_ONLY_SINCE_MS = Date.UTC(2026, 5, 1);

export const productOf = (
  { path, entry }: Placed<WrittenProduct>,
  { accounts }: Sections,
  owner: string,
  report: ReportProblem,
): Product => {
  if (entry.owner !== undefined) checkReference(`${path}.owner`, entry.owner, accounts, report);
  const createdMs = entry.created && instantOf(`${path}.created`, entry.created, report);
  const publicKeys = placedAt(`${path}.publicKeys`, entry.publicKeys ?? [{ version: 1 }]);
  uniquely(publicKeys, 'version', report);
  const prices = pricesOf(`${path}.prices`, entry.prices, report) ?? [];
  for (const [place, { dimension }] of prices.entries()) {
    if (entry.dimensions?.includes(dimension) === false)
      report(`${path}.prices[${place}].dimension`, `${shown(dimension)} is not in dimensions`);
  }
  return {
    code: entry.code,
    title: entry.title,
    prices,
    owner: entry.owner ?? owner,
    dimensions: entry.dimensions && new Set(entry.dimensions),
    regions: entry.regions && new Set(entry.regions),
    byLicenseOnly: entry.concurrentAgreements ?? Number(createdMs ?? 0) >= LICENSES_ONLY_SINCE_MS,
    publicKeys: new Map(
      publicKeys.map(key => {
        const { version, replaced } = key.entry;
        return [
          version,
          replaced === undefined ? replaced : instantOf(`${key.path}.replaced`, replaced, report),
        ];
      }),
    ),
  };
};

export const agreementOf = (
  { path, entry }: Placed<WrittenAgreement>,
  { products, customers }: Sections,
  report: ReportProblem,
): Agreement => {
  checkReference(`${path}.product`, entry.product, products, report);
  checkReference(`${path}.customer`, entry.customer, customers, report);
  const start = entry.start === undefined ? undefined : instantOf(`${path}.start`, entry.start, report);
  const end = entry.end === undefined ? undefined : instantOf(`${path}.end`, entry.end, report);
  if (start !== undefined && end !== undefined && end <= start) {
    report(`${path}.end`, `must be after start, ${new Date(start).toISOString()}`);
  }
  return {
    product: entry.product,
    customer: entry.customer,
    licenseArn: entry.licenseArn,
    state: entry.state ?? 'active',
    startMs: start ?? Number.NEGATIVE_INFINITY,
    endMs: end ?? Number.POSITIVE_INFINITY,
    prices: pricesOf(`${path}.prices`, entry.prices, report),
    currency: entry.currency ?? 'USD',
  };
};

/** Reports a dimension that has two prices. */
const pricesOf = (
  path: string,
  written: WrittenProduct['prices'],
  report: ReportProblem,
): readonly Price[] | undefined => {
  if (written === undefined) return undefined;
  const placed = placedAt(path, written);
  uniquely(placed, 'dimension', report);
  return placed.map(({ entry }) => entry);
};

export const customerOf = (entry: WrittenCustomer, agreements: readonly Agreement[]): Customer => ({
  account: entry.account,
  identifier: entry.identifier,
  isSuspended: entry.suspended ?? false,
  agreements: agreements.filter(({ customer }) => customer === entry.account),
});

/** A token resolves to the license of one agreement, so it must name the license when there are several. */
export const tokenOf = (
  { path, entry }: Placed<WrittenToken>,
  { products, customers }: Sections,
  /** The agreements of the token's customer. */
  agreements: readonly Agreement[],
  defaults: { readonly issued: Date; readonly lifetime: Written['tokenLifetime'] },
  report: ReportProblem,
): Token => {
  checkReference(`${path}.product`, entry.product, products, report);
  checkReference(`${path}.customer`, entry.customer, customers, report);
  const licenses = agreements.flatMap(({ product, licenseArn }) =>
    licenseArn !== undefined && product === entry.product ? [licenseArn] : [],
  );
  if (entry.licenseArn === undefined && licenses.length > 1) {
    report(
      path,
      `${licenses.length} agreements between this product and this customer have a license: add "licenseArn"`,
    );
  } else if (entry.licenseArn !== undefined && !licenses.includes(entry.licenseArn)) {
    report(`${path}.licenseArn`, 'no agreement between this product and this customer has this license');
  }
  const issued = entry.issued === undefined ? undefined : instantOf(`${path}.issued`, entry.issued, report);
  return {
    token: entry.token,
    product: entry.product,
    customer: entry.customer,
    licenseArn: entry.licenseArn ?? licenses[0],
    issuedMs: issued ?? defaults.issued.getTime(),
    lifetimeMs: durationMs(entry.lifetime ?? defaults.lifetime ?? '4h') ?? 0,
  };
};

/**
 * The keys of all accounts. The example key pair does not have to be listed: it belongs to account 123456789012 unless that
 * account has a list of keys or another account uses the same id.
 */
export const keysOf = (
  accounts: Section<WrittenAccount>,
  report: ReportProblem,
): ReadonlyMap<string, Key> => {
  const written: readonly Placed<Key>[] = accounts.entries.flatMap(({ path, entry }) =>
    placedAt(`${path}.keys`, entry.keys).map(key => ({ path: key.path, entry: parsedKey(key.entry, entry) })),
  );
  const keys = uniquely(written, 'accessKeyId', report);
  const owner = accounts.named.get(OWNER.accountId);
  return owner === undefined || owner.keys !== undefined
    ? keys
    : new Map([[KEY_PAIR.accessKeyId, exampleKeyOf(owner)], ...keys]);
};

export const exampleKeyOf = (account: WrittenAccount): Key => ({
  ...parsedKey(KEY_PAIR, account),
  acceptsAnyToken: true,
});

const parsedKey = (key: WrittenKey, account: WrittenAccount): Key => ({
  accountId: account.id,
  userName: key.userName ?? account.userName ?? OWNER.userName,
  accessKeyId: key.accessKeyId,
  secretAccessKey: key.secretAccessKey ?? KEY_PAIR.secretAccessKey,
  sessionToken: key.sessionToken,
  acceptsAnyToken: false,
  permissions: new Set(key.permissions ?? account.permissions ?? [EVERY_ACTION, LOOK_UP]),
  region: key.region,
  platform: key.platform,
});

/** The instant in a text that has the form of one. Reports a date that does not exist. */
const instantOf = (path: string, text: string, report: ReportProblem): EpochMs | undefined => {
  const parsed = parseTimestamp(text.includes('T') ? text : `${text}T00:00Z`, { timezone: undefined });
  if (parsed.ok) return parsed.value;
  report(path, `${shown(text)} does not exist or is before 1970`);
  return undefined;
};
