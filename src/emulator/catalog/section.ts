import type { Entries } from './schema.ts';
import { at, shown } from './form.ts';

export type Report = (path: string, message: string) => void;

/** The entries of a section, with their places, and each under a name that no two of them have. */
export type Section<T> = {
  readonly name: string;
  readonly entries: readonly Placed<T>[];
  readonly named: ReadonlyMap<string, T>;
  /** False when there are entries that could not be read: then it is not known what is missing. */
  readonly isWhole: boolean;
};

/** Its members that are texts. */
type NameOf<T> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends string ? K : never;
}[keyof T & string];

export type Placed<T> = { readonly path: string; readonly entry: T };

export const sectionOf = <T>(
  name: string,
  entries: Entries<T> | undefined,
  naming: NameOf<T>,
  complain: Report,
): Section<T> => {
  const placed = placedAt(name, entries);
  return {
    name,
    entries: placed,
    named: uniquely(placed, naming, complain) as ReadonlyMap<string, T>,
    isWhole: placed.length === (entries?.length ?? 0),
  };
};

export const placedAt = <T>(path: string, entries: Entries<T> | undefined): readonly Placed<T>[] =>
  (entries ?? []).flatMap((entry, index) =>
    entry === undefined ? [] : [{ path: `${path}[${index}]`, entry }],
  );

/** The entries by a member that may be missing, and is not the same in any two. */
export const uniquely = <T, M extends keyof T & string>(
  placed: readonly Placed<T>[],
  member: M,
  complain: Report,
): ReadonlyMap<NonNullable<T[M]>, T> => {
  const found = new Map<NonNullable<T[M]>, Placed<T>>();
  for (const { path, entry } of placed) {
    const value = entry[member];
    if (value === undefined || value === null) continue;
    const before = found.get(value);
    if (before === undefined) found.set(value, { path, entry });
    else complain(at(path, member), `${before.path} has the same`);
  }
  return new Map(Array.from(found, ([value, { entry }]) => [value, entry]));
};

/** What an entry names in another section has to be there. */
export const checkReference = <T>(
  path: string,
  name: string,
  section: Section<T>,
  complain: Report,
): void => {
  if (section.named.has(name) || !section.isWhole) return;
  const names = [...section.named.keys()];
  const there = names.length === 0 ? `${section.name} is empty` : `there are ${list(names)}`;
  complain(path, `${shown(name)} is not in ${section.name}; ${there}`);
};

const MAX_NAMES = 5;

const list = (names: readonly string[]): string => {
  const some = names.slice(0, MAX_NAMES).map(shown).join(', ');
  return names.length > MAX_NAMES ? `${some} and ${names.length - MAX_NAMES} more` : some;
};
