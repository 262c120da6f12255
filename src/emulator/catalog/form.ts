/** What is wrong with a document, and where: `agreements[2].end`. */
export type FormProblem = { readonly path: string; readonly message: string };

/** JSON Schema, draft 2020-12, as far as forms use it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The form of a JSON value: it reads a value, and describes in JSON Schema exactly what it accepts. Valibot was tried: it
 * reports one unknown member only, counts UTF-16 units, has no unique items in JSON Schema, and is eight times the size.
 */
type Form<T> = {
  /** Undefined when the value does not have the form; then `problems` has been extended. */
  readonly read: (value: unknown, path: string, problems: FormProblem[]) => T | undefined;
  readonly schema: JsonSchema;
};

/** The values that a form accepts. */
export type ValueOf<F> = F extends Form<infer T> ? T : never;

type FormMember<T = unknown, R extends boolean = boolean> = {
  readonly form: Form<T>;
  readonly isRequired: R;
  /** A sentence or two, for the manual. */
  readonly description: string;
};

export const required = <T>(form: Form<T>, description: string): FormMember<T, true> => ({
  form,
  isRequired: true,
  description,
});

export const optional = <T>(form: Form<T>, description: string): FormMember<T, false> => ({
  form,
  isRequired: false,
  description,
});

/** A text; `what` describes it. Its length counts characters, not UTF-16 units, as in JSON Schema. */
export const text = (
  what: string,
  limits: {
    readonly min?: number;
    readonly max?: number;
    readonly pattern?: RegExp;
    /** Must not appear in messages, which end up in logs. */
    readonly isSecret?: boolean;
  },
): Form<string> => {
  const { min = 1, max, pattern, isSecret = false } = limits;
  return {
    read: (value, path, problems) => {
      if (typeof value === 'string' && (pattern?.test(value) ?? true)) {
        const { length } = value.length <= min ? value : [...value];
        if (length >= min && length <= (max ?? length)) return value;
      }
      return invalid(problems, path, `${isSecret ? 'the value' : shown(value)} is not ${what}`);
    },
    schema: {
      type: 'string',
      minLength: min,
      ...(max !== undefined && { maxLength: max }),
      ...(pattern !== undefined && { pattern: pattern.source }),
    },
  };
};

export const choice = <T extends string>(choices: readonly T[]): Form<T> => ({
  read: (value, path, problems) =>
    choices.find(known => known === value) ??
    invalid(problems, path, `${shown(value)} is not one of ${choices.join(', ')}`),
  schema: { enum: choices },
});

export const flag: Form<boolean> = {
  read: (value, path, problems) =>
    typeof value === 'boolean' ? value : invalid(problems, path, `${shown(value)} is not true or false`),
  schema: { type: 'boolean' },
};

export const integer = (min: number, max: number): Form<number> => ({
  read: (value, path, problems) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : invalid(problems, path, `${shown(value)} is not a whole number from ${min} to ${max}`),
  schema: { type: 'integer', minimum: min, maximum: max },
});

/** A list of different texts. It is read completely or not at all. */
export const setOf = <T extends string>(item: Form<T>): Form<readonly T[]> => ({
  read: (value, path, problems) => {
    const before = problems.length;
    const items = entriesOf(item).read(value, path, problems) as readonly T[] | undefined;
    if (items === undefined || problems.length > before) return undefined;
    const repeated = items.findIndex((one, index) => items.indexOf(one) !== index);
    return repeated === -1
      ? items
      : invalid(problems, `${path}[${repeated}]`, `${shown(items[repeated])} is repeated`);
  },
  schema: { type: 'array', items: item.schema, uniqueItems: true },
});

export type Entries<T> = readonly (T | undefined)[];

/** A list whose entries are read independently; an entry that does not have the form is undefined. */
export const entriesOf = <T>(item: Form<T>): Form<Entries<T>> => ({
  read: (value, path, problems) =>
    Array.isArray(value)
      ? value.map((entry: unknown, index) => item.read(entry, `${path}[${index}]`, problems))
      : invalid(problems, path, `${shown(value)} is not a list`),
  schema: { type: 'array', items: item.schema },
});

type NamesOf<M, R extends boolean> = {
  [K in keyof M]: M[K] extends FormMember<unknown, R> ? K : never;
}[keyof M];

type Group<M extends Readonly<Record<string, FormMember>>> = {
  readonly [K in NamesOf<M, true>]: ValueOf<M[K]['form']>;
} & { readonly [K in NamesOf<M, false>]?: ValueOf<M[K]['form']> };

/** An object with these members and no others. When an optional member is invalid, the object is read without it. */
export const group = <M extends Readonly<Record<string, FormMember>>>(members: M): Form<Group<M>> => {
  const entries: readonly (readonly [string, FormMember])[] = Object.entries(members);
  const known: ReadonlyMap<string, FormMember> = new Map(entries);
  return {
    read: (value, path, problems) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return invalid(problems, path, `${shown(value)} is not an object`);
      }
      const read = new Map<string, unknown>();
      for (const [name, inner] of Object.entries(value)) {
        const member = known.get(name);
        if (member === undefined) invalid(problems, at(path, name), unknownMember([...known.keys()]));
        else read.set(name, member.form.read(inner, at(path, name), problems));
      }
      let isComplete = true;
      for (const [name, { isRequired }] of entries) {
        if (isRequired && !read.has(name)) invalid(problems, path, `${JSON.stringify(name)} is missing`);
        if (isRequired && read.get(name) === undefined) isComplete = false;
      }
      return isComplete ? (Object.fromEntries(read) as Group<M>) : undefined;
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([name, { form, description }]) => [name, { description, ...form.schema }]),
      ),
      ...(entries.some(([, { isRequired }]) => isRequired) && {
        required: entries.filter(([, { isRequired }]) => isRequired).map(([name]) => name),
      }),
      additionalProperties: false,
    },
  };
};

/** The path of a member of the value at `path`. */
export const at = (path: string, name: string): string => {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${shown(name)}]`;
  return path === '' ? name : `${path}.${name}`;
};

/** A value of the document inside a sentence: quoted, escaped and shortened. */
export const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}…` : value);
};

const unknownMember = (names: readonly string[]): string =>
  `unknown member; known members are ${names.join(', ')}`;

const invalid = (problems: FormProblem[], path: string, message: string): undefined => {
  problems.push({ path, message });
  return undefined;
};
