export type JsonObject = Readonly<Record<string, unknown>>;

/** A list is not an object of JSON. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Two members with the same name in an object of a JSON text. `JSON.parse` silently keeps the last, another parser may keep
 * the first: which of them was meant is not known.
 */
export class DuplicateMember extends SyntaxError {
  override readonly name = 'DuplicateMember';
  readonly member: string;
  /** The path to the object that has them: names of members, and indexes of lists. */
  readonly path: readonly (string | number)[];
  /** The index of the second name in the text. */
  readonly at: number;

  constructor({ member, path, at }: Duplicate) {
    super(`the member ${nameText(member)} occurs twice${path.length === 0 ? '' : ` in ${pathText(path)}`}`);
    this.member = member;
    this.path = path;
    this.at = at;
  }
}

type Duplicate = Pick<DuplicateMember, 'member' | 'path' | 'at'>;

/** The value of a JSON text. Throws SyntaxError if it is invalid, DuplicateMember if an object has a member twice. */
export const parseJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  // A member that occurs twice is one in the value. Counting is much faster than comparing names.
  const duplicate = namesIn(text) === membersIn(value) ? undefined : duplicateIn(text);
  if (duplicate !== undefined) throw new DuplicateMember(duplicate);
  return value;
};

/** How many strings of a text are followed by a colon. */
const namesIn = (text: string): number => {
  let names = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    at = endOfString(text, at);
    while (isSpace(text.charCodeAt(at))) at += 1;
    if (text.charCodeAt(at) === COLON) names += 1;
  }
  return names;
};

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** The number of members of all objects in a value. */
const membersIn = (value: unknown): number => {
  let members = 0;
  const open: object[] = [];
  const note = (inner: unknown): void => {
    if (typeof inner === 'object' && inner !== null) open.push(inner);
  };
  note(value);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const inside = Array.isArray(next) ? next : Object.values(next);
    if (inside !== next) members += inside.length;
    for (const inner of inside) note(inner);
  }
  return members;
};

/** The name of a member for a message: in quotes and not too long. */
const nameText = (member: string): string =>
  JSON.stringify(member.length > MAX_NAME_SHOWN ? `${member.slice(0, MAX_NAME_SHOWN)}…` : member);

const MAX_NAME_SHOWN = 60;

/** `[0].Tags[1]`; only the end of a long path. */
const pathText = (path: readonly (string | number)[]): string => {
  const shown = path
    .slice(-MAX_STEPS_SHOWN)
    .map(step =>
      typeof step === 'number' ? `[${step}]` : /^\w+$/.test(step) ? `.${step}` : `[${nameText(step)}]`,
    )
    .join('')
    .replace(/^\./, '');
  return path.length > MAX_STEPS_SHOWN ? `…${shown}` : shown;
};

const MAX_STEPS_SHOWN = 8;

/** An object or a list that is open at the current place. */
type Open = {
  /** The names of an object so far; undefined: a list. */
  readonly names: Set<string> | undefined;
  /** The current member or list index. */
  step: string | number;
};

/** The first repeated name, at any depth. The text must be valid JSON. Not recursive, so deep texts do not overflow the stack. */
const duplicateIn = (text: string): Duplicate | undefined => {
  const open: Open[] = [];
  let inner: Open | undefined;
  let isName = false;
  const enter = (found: Open): void => {
    open.push(found);
    inner = found;
  };
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (isName && inner?.names !== undefined) {
          const member = nameIn(text, at, end);
          if (inner.names.has(member)) return { member, path: open.slice(0, -1).map(({ step }) => step), at };
          inner.names.add(member);
          inner.step = member;
          isName = false;
        }
        at = end - 1;
        break;
      }
      case OPEN_OBJECT:
        enter({ names: new Set(), step: '' });
        isName = true;
        break;
      case OPEN_LIST:
        enter({ names: undefined, step: 0 });
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        inner = open.at(-1);
        isName = false;
        break;
      case COMMA:
        if (inner?.names !== undefined) isName = true;
        else if (typeof inner?.step === 'number') inner.step += 1;
        break;
    }
  }
  return undefined;
};

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const nameIn = (text: string, start: number, end: number): string => {
  const name = text.slice(start + 1, end - 1);
  return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
};

/** The end of the string whose quote is at `open`; -1 if the text ends before. */
export const endOfString = (text: string, open: number): number => {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
};
