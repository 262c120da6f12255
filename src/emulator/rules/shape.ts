/** The shape of a member of a request. */
export type Shape<T> = {
  /** Undefined when the value has this shape, otherwise what is wrong with it. */
  readonly check: (value: unknown) => Violation | undefined;
  /** A value that passed `check`, without unknown members; the same object when it has none. */
  readonly known: (value: T) => T;
};

type Violation = {
  /** The path from the checked value: `.3.member.dimension`; empty for the value itself. */
  readonly path: string;
  readonly constraint: string;
  /** The type is wrong, not just a limit exceeded: services may raise another error for this. */
  readonly isOfWrongType: boolean;
};

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** The value that was read, or the message, and whether the type was wrong. */
export type ShapeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly isOfWrongType: boolean };

type ShapeMember<T> = { readonly shape: Shape<T>; readonly required: boolean };

export const required = <T>(shape: Shape<T>): ShapeMember<T> => ({ shape, required: true });

export const optional = <T>(shape: Shape<T>): ShapeMember<T> => ({ shape, required: false });

const leaf = <T>(
  type: { readonly is: (value: unknown) => value is T; readonly name: string },
  constraint: (value: T) => string | undefined = () => undefined,
): Shape<T> => ({
  check: value => {
    if (!type.is(value)) return wrongType(type.name);
    const violated = constraint(value);
    return violated === undefined ? undefined : violation(violated);
  },
  known: value => value,
});

export const text = (limits: {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
}): Shape<string> => {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = limits;
  return leaf({ is: isString, name: 'a string' }, value => {
    if (value.length < minLength) return `Member must have length greater than or equal to ${minLength}`;
    if (value.length > maxLength) return `Member must have length less than or equal to ${maxLength}`;
    if (pattern === undefined || pattern.test(value)) return undefined;
    return `Member must satisfy regular expression pattern: ${pattern.source}`;
  });
};

export const integer = ({ min, max = 2_147_483_647 }: { min: number; max?: number }): Shape<number> =>
  leaf({ is: isInteger, name: 'an integer' }, value => {
    if (value < min) return `Member must have value greater than or equal to ${min}`;
    return value > max ? `Member must have value less than or equal to ${max}` : undefined;
  });

/** Epoch seconds, possibly with a fraction, within the range of JavaScript dates. */
export const timestamp: Shape<number> = leaf({ is: isTimestamp, name: 'a timestamp' });

export const flag: Shape<boolean> = leaf({ is: isBoolean, name: 'a boolean' });

export const list = <T>(
  item: Shape<T>,
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
): Shape<T[]> => ({
  check: value => {
    if (!Array.isArray(value)) return wrongType('a list');
    if (value.length < min) return length('greater', min);
    if (value.length > max) return length('less', max);
    for (let index = 0; index < value.length; index++) {
      const found = item.check(value[index]);
      if (found !== undefined) return { ...found, path: `.${index + 1}.member${found.path}` };
    }
    return undefined;
  },
  known: value => {
    for (let index = 0; index < value.length; index++) {
      const entry = value[index] as T;
      if (item.known(entry) !== entry) return value.map(item.known);
    }
    return value;
  },
});

/** An object. Unknown members are ignored, and `null` is the same as absent: AWS's JSON protocol. */
export const structure = <T extends object>(
  members: {
    readonly [K in keyof T]-?: ShapeMember<NonNullable<T[K]>>;
  },
): Shape<T> => {
  const entries = Object.entries(members) as [keyof T & string, ShapeMember<unknown>][];
  const shapes = new Map(entries.map(([name, member]) => [name as string, member.shape]));
  return {
    check: value => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return wrongType('a structure');
      for (const [name, member] of entries) {
        const inner = (value as T)[name] ?? undefined;
        if (inner === undefined) {
          if (member.required) return { ...violation('Member must not be null'), path: memberPath(name) };
          continue;
        }
        const found = member.shape.check(inner);
        if (found !== undefined) return { ...found, path: memberPath(name) + found.path };
      }
      return undefined;
    },
    known: value => {
      for (const name in value) {
        const shape = shapes.get(name);
        const inner: unknown = value[name];
        if (shape === undefined || inner === null || shape.known(inner) !== inner)
          return onlyKnown(value, shapes);
      }
      return value;
    },
  };
};

/** The value without unknown members, or AWS's message for a value that violates its model: the path and the constraint. */
export const read = <T>(shape: Shape<T>, value: unknown): ShapeResult<T> => {
  const found = shape.check(value);
  if (found === undefined) return { ok: true, value: shape.known(value as T) };
  const at = found.path.replace(/^\./, '');
  const message = `1 validation error detected: Value at '${at}' failed to satisfy constraint: ${found.constraint}`;
  return { ok: false, message, isOfWrongType: found.isOfWrongType };
};

const onlyKnown = <T extends object>(value: T, shapes: ReadonlyMap<string, Shape<unknown>>): T => {
  const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const shape = shapes.get(name);
    return shape === undefined || inner === null ? [] : [[name, shape.known(inner)]];
  });
  return Object.fromEntries(kept) as T;
};

const length = (than: 'greater' | 'less', bound: number): Violation =>
  violation(`Member must have length ${than} than or equal to ${bound}`);

function violation(constraint: string): Violation {
  return { path: '', constraint, isOfWrongType: false };
}

function wrongType(name: string): Violation {
  return { path: '', constraint: `Member must be ${name}`, isOfWrongType: true };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function isTimestamp(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e12;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** In AWS's messages, member names begin with a lower-case letter. */
const memberPath = (name: string): string => `.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
