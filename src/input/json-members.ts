import { endOfString } from '../usage/json.ts';

/** A member of a JSON object and its place in the text, as indexes. */
export type JsonMember = {
  readonly name: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
};

/**
 * The members of an object in the order of the text, also those that occur twice. The text must be valid JSON. `JSON.parse`
 * alone would keep the last of two quantities, and would change the number 9007199254740993.
 */
export const membersOf = (text: string): readonly JsonMember[] => {
  const members: JsonMember[] = [];
  let keyStart = text.indexOf('"');
  while (keyStart !== -1) {
    const keyEnd = endOfString(text, keyStart);
    const start = skip(text, text.indexOf(':', keyEnd) + 1);
    const end = endOfValue(text, start);
    members.push({ name: JSON.parse(text.slice(keyStart, keyEnd)) as string, keyStart, keyEnd, start, end });
    keyStart = text.indexOf('"', end);
  }
  return members;
};

/** Whether a member has the records of a request: `UsageRecords`, in any spelling that a column may have. */
export const isRecordList = ({ name }: JsonMember): boolean => /^usage[\s_-]*records$/i.test(name);

const skip = (text: string, from: number): number => {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
};

const endOfValue = (text: string, start: number): number => {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') {
    let at = start;
    while (/[^\s,}]/.test(text[at] ?? '}')) at++;
    return at;
  }
  const marks = /["{}[\]]/g;
  marks.lastIndex = start;
  let depth = 0;
  do {
    marks.test(text);
    const mark = text[marks.lastIndex - 1];
    if (mark === '"') marks.lastIndex = endOfString(text, marks.lastIndex - 1);
    else depth += mark === '{' || mark === '[' ? 1 : -1;
  } while (depth > 0);
  return marks.lastIndex;
};
