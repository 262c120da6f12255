import { endOfString, parseJson } from '../usage/json.ts';

/**
 * Splits JSON texts into events as they arrive, so that a log file of any size is never in memory as a whole. An event is
 * an element of a list at the top level or of a list in a member that `lists` names, and every other object at the top
 * level. Texts may follow each other, as in JSON Lines, and a line may start with a time and other words before its object, as
 * log lines do. What is returned is perhaps not valid JSON: the caller parses it. Throws SyntaxError for invalid text around the events, DuplicateMember if that has a member twice.
 *
 * @streamparser/json takes four times as long, and keeps the last of two members with the same name without an error.
 */
type Splitter = {
  readonly write: (piece: string) => string[];
  /** Throws if the text is incomplete. */
  readonly end: () => void;
};

type SplitOptions = {
  /** Members of an object at the top level whose elements are events. */
  readonly lists: readonly string[];
  /** The longest event, in characters. */
  readonly limit: number;
};

export const createSplitter = ({ lists, limit }: SplitOptions): Splitter => {
  /** The text that is not returned yet. */
  let text = '';
  /** Where the current event starts in it, and how far it has been read. */
  let start = 0;
  let at = 0;
  /** Where the reader is: between texts, in an object at the top level, or in a list of events. */
  let phase: 'top' | 'object' | 'list' = 'top';
  /** How many objects and lists inside that are open. */
  let depth = 0;
  /** The member of the object that is being read. */
  let name = '';
  let isNameNext = false;
  /** The object around the list, without its events; undefined: the list is at the top level. */
  let around: string | undefined;
  let place: 'first' | 'after event' | 'after comma' = 'first';
  let isEnded = false;

  const enterList = (): void => {
    phase = 'list';
    place = 'first';
    at += 1;
    start = at;
  };

  /** Reads on until no inner object or list is open; false if the text ends before. */
  const leaveInner = (): boolean => {
    while (depth > 0) {
      TO_BRACKET.lastIndex = at;
      TO_BRACKET.test(text);
      at = TO_BRACKET.lastIndex;
      if (at === text.length) return false;
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        const end = endOfString(text, at);
        if (end === -1) return false;
        at = end;
      } else {
        depth += code === OPEN_OBJECT || code === OPEN_LIST ? 1 : -1;
        at += 1;
      }
    }
    return true;
  };

  /** Each step reads one thing; false if it is not complete yet. */
  const stepAtTop = (): boolean => {
    at = afterSpace(text, at);
    start = at;
    if (at === text.length) return false;
    around = undefined;
    if (text[at] === '[') {
      enterList();
      return true;
    }
    if (isDigit(text.charCodeAt(at))) return skipTime();
    if (text[at] !== '{') throw new SyntaxError('it is neither a JSON object nor a JSON list');
    phase = 'object';
    isNameNext = true;
    at += 1;
    return true;
  };

  /** Goes to the object of a log line. */
  const skipTime = (): boolean => {
    const mark = /[{\r\n]/g;
    mark.lastIndex = at;
    const isThere = mark.test(text);
    const place = isThere ? mark.lastIndex - 1 : text.length;
    if (!isThere && !isEnded) return false;
    if (text[place] !== '{' || !TIME.test(text.slice(at, place)))
      throw new SyntaxError('a line has neither an event nor a time and an event');
    at = place;
    start = at;
    return true;
  };

  const stepInObject = (found: string[]): boolean => {
    if (!leaveInner()) return false;
    MEMBER_MARK.lastIndex = at;
    if (!MEMBER_MARK.test(text)) {
      at = text.length;
      return false;
    }
    at = MEMBER_MARK.lastIndex - 1;
    const mark = text[at];
    if (mark === '"') {
      const end = endOfString(text, at);
      if (end === -1) return false;
      if (isNameNext) name = text.slice(at + 1, end - 1);
      isNameNext = false;
      at = end;
    } else if (mark === '[' && lists.includes(name)) {
      around = (around ?? '') + text.slice(start, at + 1);
      enterList();
    } else {
      at += 1;
      if (mark === ',') isNameNext = true;
      else if (mark === '[' || mark === '{') depth = 1;
      else {
        const whole = text.slice(start, at);
        if (around === undefined) found.push(whole);
        else parseJson(around + whole);
        phase = 'top';
      }
    }
    return true;
  };

  const stepInList = (found: string[]): boolean => {
    if (depth > 0) {
      if (!leaveInner()) return false;
      return give(found);
    }
    at = afterSpace(text, at);
    start = at;
    switch (text[at]) {
      case undefined:
        return false;
      case ',':
        if (place !== 'after event') throw new SyntaxError('there is a comma where an event should be');
        place = 'after comma';
        at += 1;
        return true;
      case ']':
        if (place === 'after comma') throw new SyntaxError('a list ends with a comma');
        phase = around === undefined ? 'top' : 'object';
        if (around === undefined) at += 1;
        else leaveList();
        return true;
    }
    if (place === 'after event') throw new SyntaxError('a comma is missing between two events');
    if (text[at] === '{' || text[at] === '[') {
      depth = 1;
      at += 1;
      return true;
    }
    const end = text[at] === '"' ? endOfString(text, at) : endOfLiteral(text, at);
    if (end === -1) return false;
    at = end;
    return give(found);
  };

  const leaveList = (): void => {
    around = `${around ?? ''}]`;
    at += 1;
    start = at;
  };

  const give = (found: string[]): true => {
    found.push(text.slice(start, at));
    place = 'after event';
    start = at;
    return true;
  };

  const step = (found: string[]): boolean => {
    if (phase === 'top') return stepAtTop();
    return phase === 'object' ? stepInObject(found) : stepInList(found);
  };

  return {
    write: piece => {
      text = text.slice(start) + piece;
      at -= start;
      start = 0;
      const found: string[] = [];
      while (step(found));
      if (text.length - start + (around?.length ?? 0) > limit)
        throw new SyntaxError(`an event is longer than ${limit} characters`);
      return found;
    },
    end: () => {
      isEnded = true;
      if (phase === 'top') stepAtTop();
      if (phase !== 'top') throw new SyntaxError('it is incomplete');
    },
  };
};

/** The time that `aws logs tail` and exports of CloudWatch Logs write before each event; a name may follow it. */
const TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?\s/;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const QUOTE = 0x22;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * Everything up to the next bracket, or up to a string with an escape. With an expression that finds each string and each
 * bracket it takes twice as long. The count is limited because the engine keeps a stack of what it repeats.
 */
const TO_BRACKET = /[^"{}[\]]*(?:"[^"\\]*"[^"{}[\]]*){0,1000}/y;

const MEMBER_MARK = /["{}[\],]/g;

const afterSpace = (text: string, from: number): number => {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
};

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** The end of a number, or of a word such as `null`; -1 if the text ends before. */
const endOfLiteral = (text: string, start: number): number => {
  const after = /[,\] \n\r\t]/g;
  after.lastIndex = start;
  return after.test(text) ? after.lastIndex - 1 : -1;
};
