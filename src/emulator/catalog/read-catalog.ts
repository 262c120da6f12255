import { OWNER } from '../principal.ts';
import type { Catalog } from './catalog.ts';
import {
  agreementOf,
  customerOf,
  exampleKeyOf,
  keysOf,
  productOf,
  type Sections,
  tokenOf,
} from './entries.ts';
import type { FormProblem } from './form.ts';
import { CATALOG_FORM, type Written } from './schema.ts';
import { type ReportProblem, sectionOf, uniquely } from './section.ts';

type ReadCatalog =
  | { readonly ok: true; readonly catalog: Catalog }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The catalog in a parsed document, or all its problems: `agreements[2].end: must be after start, …`. Tokens
 * without `issued` are issued `now`.
 */
export const readCatalog = (value: unknown, now: Date): ReadCatalog => {
  const problems: FormProblem[] = [];
  const written = CATALOG_FORM.read(value, '', problems);
  const catalog = written && catalogOf(written, now, (path, message) => problems.push({ path, message }));
  return catalog !== undefined && problems.length === 0
    ? { ok: true, catalog }
    : { ok: false, problems: problems.map(problemText) };
};

const problemText = ({ path, message }: FormProblem): string =>
  path === '' ? message : `${path}: ${message}`;

const catalogOf = (written: Written, now: Date, report: ReportProblem): Catalog => {
  const accounts = sectionOf('accounts', written.accounts ?? [EXAMPLE_ACCOUNT], 'id', report);
  const products = sectionOf('products', written.products, 'code', report);
  const customers = sectionOf('customers', written.customers, 'account', report);
  const agreements = sectionOf('agreements', written.agreements, 'licenseArn', report);
  const tokens = sectionOf('tokens', written.tokens, 'token', report);
  uniquely(customers.entries, 'identifier', report);

  const sections: Sections = { accounts, products, customers };
  const { entry: seller } = accounts.entries[0] ?? { entry: EXAMPLE_ACCOUNT };
  const keys = keysOf(accounts, report);
  const parsedAgreements = agreements.entries.map(placed => agreementOf(placed, sections, report));
  const ofCustomer = Map.groupBy(parsedAgreements, ({ customer }) => customer);
  const parsedCustomers = customers.entries.map(({ entry }) =>
    customerOf(entry, ofCustomer.get(entry.account) ?? []),
  );
  const defaults = { issued: now, lifetime: written.tokenLifetime };
  return {
    regions: written.regions && new Set(written.regions),
    keys,
    fallbackKey: [...keys.values()].find(({ accountId }) => accountId === seller.id) ?? exampleKeyOf(seller),
    products: indexBy(
      'code',
      products.entries.map(placed => productOf(placed, sections, seller.id, report)),
    ),
    customersByAccount: indexBy('account', parsedCustomers),
    customersByIdentifier: indexBy('identifier', parsedCustomers),
    agreementsByLicense: indexBy('licenseArn', parsedAgreements),
    tokens: indexBy(
      'token',
      tokens.entries.map(placed =>
        tokenOf(placed, sections, ofCustomer.get(placed.entry.customer) ?? [], defaults, report),
      ),
    ),
  };
};

const EXAMPLE_ACCOUNT = { id: OWNER.accountId };

/** The items that have the member, by its value. */
const indexBy = <T, M extends keyof T>(member: M, items: readonly T[]): ReadonlyMap<NonNullable<T[M]>, T> =>
  new Map(
    items.flatMap(item => {
      const name = item[member];
      return name === undefined || name === null ? [] : [[name, item]];
    }),
  );
