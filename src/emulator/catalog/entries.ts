import type { Agreement, Customer, Product, Token } from './catalog.ts';
import type {
  Written,
  WrittenAccount,
  WrittenAgreement,
  WrittenCustomer,
  WrittenProduct,
  WrittenToken,
} from './catalog-form.ts';
import { durationOf, instantOf } from './catalog-time.ts';
import { type Complain, checkReference, type Placed, placedAt, type Section, uniquely } from './section.ts';

/** What entries name one another by. */
export type Sections = {
  readonly accounts: Section<WrittenAccount>;
  readonly products: Section<WrittenProduct>;
  readonly customers: Section<WrittenCustomer>;
};

/** Products created since take usage by licence only. Source: BatchMeterUsage, API reference. */
const LICENCES_SINCE = Date.UTC(2026, 5, 1);

export const productOf = (
  { path, entry }: Placed<WrittenProduct>,
  { accounts }: Sections,
  owner: string,
  complain: Complain,
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
    byLicenceOnly: entry.concurrentAgreements ?? Number(createdMs ?? 0) >= LICENCES_SINCE,
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
  complain: Complain,
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
  complain: Complain,
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
