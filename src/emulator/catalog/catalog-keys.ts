import { KEY_PAIR, OWNER } from '../key-pair.ts';
import type { Key } from './catalog.ts';
import { EVERY_ACTION, LOOK_UP, type WrittenAccount, type WrittenKey } from './catalog-form.ts';
import { type Complain, type Placed, placedAt, type Section, uniquely } from './section.ts';

/**
 * The keys of all accounts. The example key pair needs no writing down: it is that of account 123456789012, unless that
 * account has a list of its own or another has taken the name.
 */
export const keysOf = (accounts: Section<WrittenAccount>, complain: Complain): ReadonlyMap<string, Key> => {
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
