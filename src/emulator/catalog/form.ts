/** What is wrong with a document, and where: `agreements[2].end`. */
export type Problem = { readonly path: string; readonly message: string };

/** JSON Schema, draft 2020-12: the words of it that forms use. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The form of a JSON value. It reads one, and says of itself in JSON Schema what it reads: no more and no less. */
export type Form<T> = {
  /** Undefined when the value has another form; what is wrong with it has been added to `problems` then. */
  readonly read: (value: unknown, path: string, problems: Problem[]) => T | undefined;
  readonly schema: JsonSchema;
};

export type Member<T> = {
  readonly form: Form<T>;
  readonly required: boolean;
  /** For the manual: a sentence or two. */
  readonly says: string;
};

export const must = <T>(form: Form<T>, says: string): Member<T> => ({ form, required: true, says });

export const may = <T>(form: Form<T>, says: string): Member<T> => ({ form, required: false, says });

/** A text; `what` says how it is written. Its length counts characters, not halves of them, as JSON Schema does. */
export const text = (
  what: string,
  limits: {
    readonly min?: number;
    readonly max?: number;
    readonly pattern?: RegExp;
    /** Not to be repeated in messages, which end in logs. */
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
      return wrong(problems, path, `${isSecret ? 'it' : shown(value)} is not ${what}`);
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
    wrong(problems, path, `${shown(value)} is none of ${choices.join(', ')}`),
  schema: { enum: choices },
});

export const flag: Form<boolean> = {
  read: (value, path, problems) =>
    typeof value === 'boolean' ? value : wrong(problems, path, `${shown(value)} is neither true nor false`),
  schema: { type: 'boolean' },
};

export const whole = (min: number, max: number): Form<number> => ({
  read: (value, path, problems) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : wrong(problems, path, `${shown(value)} is not a whole number from ${min} to ${max}`),
  schema: { type: 'integer', minimum: min, maximum: max },
});

/** A list of texts, none of them twice. It is read as a whole or not at all. */
export const setOf = <T extends string>(item: Form<T>): Form<readonly T[]> => ({
  read: (value, path, problems) => {
    const before = problems.length;
    const items = entriesOf(item).read(value, path, problems) as readonly T[] | undefined;
    if (items === undefined || problems.length > before) return undefined;
    const twice = items.findIndex((one, index) => items.indexOf(one) !== index);
    return twice === -1
      ? items
      : wrong(problems, `${path}[${twice}]`, `${shown(items[twice])} stands there twice`);
  },
  schema: { type: 'array', items: item.schema, uniqueItems: true },
});

/** A list whose entries are read each by itself: undefined stands where one has another form. */
export const entriesOf = <T>(item: Form<T>): Form<readonly (T | undefined)[]> => ({
  read: (value, path, problems) =>
    Array.isArray(value)
      ? value.map((entry: unknown, index) => item.read(entry, `${path}[${index}]`, problems))
      : wrong(problems, path, `${shown(value)} is not a list`),
  schema: { type: 'array', items: item.schema },
});

/** An object with these members and no others. It is read although members that it may have are wrong: without them. */
export const group = <T extends object>(
  members: {
    readonly [K in keyof T]-?: Member<NonNullable<T[K]>>;
  },
): Form<T> => {
  const entries = Object.entries(members) as [string, Member<unknown>][];
  const known: ReadonlyMap<string, Member<unknown>> = new Map(entries);
  return {
    read: (value, path, problems) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return wrong(problems, path, `${shown(value)} is not an object`);
      }
      const read = new Map<string, unknown>();
      for (const [name, inner] of Object.entries(value)) {
        const member = known.get(name);
        if (member === undefined) wrong(problems, at(path, name), unknownMember([...known.keys()]));
        else read.set(name, member.form.read(inner, at(path, name), problems));
      }
      let isWhole = true;
      for (const [name, { required }] of entries) {
        if (required && !read.has(name)) wrong(problems, path, `${JSON.stringify(name)} is missing`);
        if (required && read.get(name) === undefined) isWhole = false;
      }
      return isWhole ? (Object.fromEntries(read) as T) : undefined;
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([name, { form, says }]) => [name, { description: says, ...form.schema }]),
      ),
      ...(entries.some(([, { required }]) => required) && {
        required: entries.filter(([, { required }]) => required).map(([name]) => name),
      }),
      additionalProperties: false,
    },
  };
};

/** A member of the value at `path`. */
export const at = (path: string, name: string): string => {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${shown(name)}]`;
  return path === '' ? name : `${path}.${name}`;
};

/** A value of the document inside a sentence: quoted, escaped and short. */
export const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}…` : value);
};

const unknownMember = (names: readonly string[]): string => `no such member; there are ${names.join(', ')}`;

const wrong = (problems: Problem[], path: string, message: string): undefined => {
  problems.push({ path, message });
  return undefined;
};
