import { at, type Entries, shown } from './form.ts';

export type ReportProblem = (path: string, message: string) => void;

/** The entries of a section with their paths, also by their unique name. */
export type Section<T> = {
  readonly name: string;
  readonly entries: readonly Placed<T>[];
  readonly named: ReadonlyMap<string, T>;
  /** False when an entry could not be read; then a missing name is not reported. */
  readonly isComplete: boolean;
};

/** The members of an entry that are texts. */
type NameOf<T> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends string ? K : never;
}[keyof T & string];

export type Placed<T> = { readonly path: string; readonly entry: T };

export const sectionOf = <T>(
  name: string,
  entries: Entries<T> | undefined,
  naming: NameOf<T>,
  report: ReportProblem,
): Section<T> => {
  const placed = placedAt(name, entries);
  return {
    name,
    entries: placed,
    named: uniquely(placed, naming, report) as ReadonlyMap<string, T>,
    isComplete: placed.length === (entries?.length ?? 0),
  };
};

export const placedAt = <T>(path: string, entries: Entries<T> | undefined): readonly Placed<T>[] =>
  (entries ?? []).flatMap((entry, index) =>
    entry === undefined ? [] : [{ path: `${path}[${index}]`, entry }],
  );

/** The entries by a member that may be missing and must be unique. Reports duplicates. */
export const uniquely = <T, M extends keyof T & string>(
  placed: readonly Placed<T>[],
  member: M,
  report: ReportProblem,
): ReadonlyMap<NonNullable<T[M]>, T> => {
  const found = new Map<NonNullable<T[M]>, Placed<T>>();
  for (const { path, entry } of placed) {
    const value = entry[member];
    if (value === undefined || value === null) continue;
    const before = found.get(value);
    if (before === undefined) found.set(value, { path, entry });
    else report(at(path, member), `already used by ${before.path}`);
  }
  return new Map(Array.from(found, ([value, { entry }]) => [value, entry]));
};

/** Reports a name that does not exist in another section. */
export const checkReference = <T>(
  path: string,
  name: string,
  section: Section<T>,
  report: ReportProblem,
): void => {
  if (section.named.has(name) || !section.isComplete) return;
  const names = [...section.named.keys()];
  const contents = names.length === 0 ? 'is empty' : `has ${list(names)}`;
  report(path, `${shown(name)} is not in ${section.name}, which ${contents}`);
};

const MAX_NAMES = 5;

const list = (names: readonly string[]): string => {
  const some = names.slice(0, MAX_NAMES).map(shown).join(', ');
  return names.length > MAX_NAMES ? `${some} and ${names.length - MAX_NAMES} more` : some;
};
