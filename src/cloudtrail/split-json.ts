import { parseJson } from '../usage/json.ts';

/**
 * Takes JSON texts apart while they come in, so that a log file of any size is never in memory as a whole. It gives out
 * the JSON of one event at a time: the elements of a list at the top, or of a list in a member that `lists` names, and
 * every other object at the top. Texts may follow each other, as in JSON Lines. What is given out may still not be JSON:
 * whoever parses it finds out. Throws SyntaxError for what stands around it, DuplicateMember
 * when that has a member twice.
 */
export type Splitter = {
  readonly write: (text: string) => string[];
  /** Throws when the text breaks off. */
  readonly end: () => void;
};

type Options = {
  /** Members of an object at the top whose elements are given out one by one. */
  readonly lists: readonly string[];
  /** The longest text that is kept, characters. */
  readonly limit: number;
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

export const createSplitter = ({ lists, limit }: Options): Splitter => {
  let phase: 'top' | 'list' | 'document' | 'element' | 'literal' = 'top';
  /** What came before of the document or the element that is being read. */
  let kept = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** The name of the member of a document that is being read. */
  let key = '';
  let inKey = false;
  let keyIsNext = false;
  /** The document around the list that is being read, up to the list's bracket; undefined: the list is at the top. */
  let around: string | undefined;
  /** Whether elements of this document were given out: then it is no event itself. */
  let isWrapper = false;
  let place: 'first' | 'after element' | 'after comma' = 'first';

  const write = (text: string): string[] => {
    const found: string[] = [];
    /** Where in this text that which is being read goes on. */
    let start = 0;
    const finish = (end: number): void => {
      const whole = kept + text.slice(start, end);
      kept = '';
      if (phase !== 'document') {
        found.push(whole);
        phase = 'list';
        place = 'after element';
        return;
      }
      if (isWrapper) parseJson(whole);
      else found.push(whole);
      phase = 'top';
    };

    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) {
          inString = false;
          inKey = false;
          if (depth === 0) finish(at + 1);
          continue;
        }
        if (inKey && key.length <= LONGEST_NAME) key += text.charAt(at);
        continue;
      }

      if (phase === 'literal') {
        if (code !== COMMA && code !== CLOSE_LIST && !isSpace(code)) continue;
        finish(at);
      }
      switch (phase) {
        case 'document':
        case 'element':
          switch (code) {
            case QUOTE:
              inString = true;
              if (phase !== 'document' || depth !== 1 || !keyIsNext) break;
              inKey = true;
              keyIsNext = false;
              key = '';
              break;
            case COMMA:
              if (depth === 1) keyIsNext = true;
              break;
            case OPEN_LIST:
              if (phase === 'document' && depth === 1 && lists.includes(key)) {
                around = kept + text.slice(start, at + 1);
                kept = '';
                isWrapper = true;
                phase = 'list';
                place = 'first';
              } else depth += 1;
              break;
            case OPEN_OBJECT:
              depth += 1;
              break;
            case CLOSE_LIST:
            case CLOSE_OBJECT:
              depth -= 1;
              if (depth === 0) finish(at + 1);
              break;
          }
          break;
        case 'list':
          if (isSpace(code)) break;
          if (code === COMMA) {
            if (place !== 'after element') throw new SyntaxError('a comma stands where an event should be');
            place = 'after comma';
          } else if (code === CLOSE_LIST) {
            if (place === 'after comma') throw new SyntaxError('a list ends with a comma');
            phase = around === undefined ? 'top' : 'document';
            if (around === undefined) break;
            kept = around;
            depth = 1;
            start = at;
          } else {
            if (place === 'after element') throw new SyntaxError('a comma is missing between two events');
            start = at;
            inString = code === QUOTE;
            depth = code === OPEN_OBJECT || code === OPEN_LIST ? 1 : 0;
            phase = inString || depth === 1 ? 'element' : 'literal';
          }
          break;
        case 'top':
          if (isSpace(code)) break;
          start = at;
          isWrapper = false;
          around = undefined;
          if (code === OPEN_LIST) {
            phase = 'list';
            place = 'first';
          } else if (code === OPEN_OBJECT) {
            phase = 'document';
            depth = 1;
            keyIsNext = true;
          } else throw new SyntaxError('it is neither an object nor a list of JSON');
          break;
      }
    }
    if (phase !== 'top' && phase !== 'list') kept += text.slice(start);
    if (kept.length + (around?.length ?? 0) > limit)
      throw new SyntaxError(`an event is longer than ${limit} characters`);
    return found;
  };

  return {
    write,
    end: () => {
      if (phase !== 'top') throw new SyntaxError('it breaks off');
    },
  };
};

/** Of a member's name so much is kept: more than any that is looked for. */
const LONGEST_NAME = 32;
