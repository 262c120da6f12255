import { OWNER } from '../key-pair.ts';
import type { Catalog } from './catalog.ts';
import { CATALOG_FORM, type Written } from './schema.ts';
import {
  agreementOf,
  customerOf,
  exampleKeyOf,
  keysOf,
  productOf,
  type Sections,
  tokenOf,
} from './entries.ts';
import type { Problem } from './form.ts';
import { type Report, sectionOf, uniquely } from './section.ts';

export type ReadCatalog =
  | { readonly ok: true; readonly catalog: Catalog }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The catalog in a parsed document, or all that is wrong with it: `agreements[2].end: it is not after start, …`. Tokens
 * that do not say when they were issued are issued `now`.
 */
export const readCatalog = (value: unknown, now: Date): ReadCatalog => {
  const problems: Problem[] = [];
  const written = CATALOG_FORM.read(value, '', problems);
  const catalog = written && catalogOf(written, now, (path, message) => problems.push({ path, message }));
  return catalog !== undefined && problems.length === 0
    ? { ok: true, catalog }
    : { ok: false, problems: problems.map(spell) };
};

const spell = ({ path, message }: Problem): string => (path === '' ? message : `${path}: ${message}`);

const catalogOf = (written: Written, now: Date, complain: Report): Catalog => {
  const accounts = sectionOf('accounts', written.accounts ?? [EXAMPLE_ACCOUNT], 'id', complain);
  const products = sectionOf('products', written.products, 'code', complain);
  const customers = sectionOf('customers', written.customers, 'account', complain);
  const agreements = sectionOf('agreements', written.agreements, 'licenseArn', complain);
  const tokens = sectionOf('tokens', written.tokens, 'token', complain);
  uniquely(customers.entries, 'identifier', complain);

  const sections: Sections = { accounts, products, customers };
  const { entry: seller } = accounts.entries[0] ?? { entry: EXAMPLE_ACCOUNT };
  const keys = keysOf(accounts, complain);
  const agreed = agreements.entries.map(placed => agreementOf(placed, sections, complain));
  const ofCustomer = Map.groupBy(agreed, ({ customer }) => customer);
  const buyers = customers.entries.map(({ entry }) => customerOf(entry, ofCustomer.get(entry.account) ?? []));
  const usual = { issued: now, lifetime: written.tokenLifetime };
  return {
    regions: written.regions && new Set(written.regions),
    keys,
    stranger: [...keys.values()].find(({ accountId }) => accountId === seller.id) ?? exampleKeyOf(seller),
    products: by(
      'code',
      products.entries.map(placed => productOf(placed, sections, seller.id, complain)),
    ),
    customersByAccount: by('account', buyers),
    customersByIdentifier: by('identifier', buyers),
    agreementsByLicense: by('licenseArn', agreed),
    tokens: by(
      'token',
      tokens.entries.map(placed =>
        tokenOf(placed, sections, ofCustomer.get(placed.entry.customer) ?? [], usual, complain),
      ),
    ),
  };
};

const EXAMPLE_ACCOUNT = { id: OWNER.accountId };

/** Those that have the member, by it. */
const by = <T, M extends keyof T>(member: M, items: readonly T[]): ReadonlyMap<NonNullable<T[M]>, T> =>
  new Map(
    items.flatMap(item => {
      const name = item[member];
      return name === undefined || name === null ? [] : [[name, item]];
    }),
  );
