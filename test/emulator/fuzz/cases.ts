import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { BODY_MUTATIONS, bytesOf, type Draft, HARMLESS, padded, REQUEST_MUTATIONS } from './mutations.ts';
import type { Signed } from './oracle.ts';
import { between, chance, diceOf, pick } from './random.ts';
import { rightInput, sign } from './right-requests.ts';

/** What is sent on one connection. */
export type Case = {
  readonly place: number;
  /** As they are written, one after another. */
  readonly pieces: readonly Buffer[];
  /** The caller hangs up without waiting. */
  readonly leaves: boolean;
  readonly requests: number;
  /**
   * So many are right by construction, and must be answered with 200: all or none, since Node drops what it has not
   * answered yet when it finds bytes that are no request.
   */
  readonly right: number;
  readonly signatures: ReadonlyMap<string, Signed>;
};

/** The case at this place of this seed, for an emulator at `host`. */
export const drawCase = async (seed: number, place: number, host: string): Promise<Case> => {
  const dice = diceOf(seed, place);
  const signatures = new Map<string, Signed>();
  const requests = chance(0.7, dice) ? 1 : between(2, 4, dice);
  const all: Buffer[] = [];
  let allRight = true;
  for (let at = 0; at < requests; at++) {
    const { bytes, isRight, signature, signed } = await drawRequest(`d${place}.${at}`, host, dice);
    if (signed !== undefined) signatures.set(signature, signed);
    all.push(bytes);
    allRight &&= isRight;
  }
  const bytes = Buffer.concat(all);
  const leaves = chance(0.03, dice);
  const pieces = leaves ? [bytes.subarray(0, below(bytes.length + 1, dice))] : piecesOf(bytes, dice);
  return { place, pieces, leaves, requests, right: allRight && !leaves ? requests : 0, signatures };
};

const drawRequest = async (mark: string, host: string, dice: Random) => {
  const { operation, input } = rightInput(mark, dice);
  let body: Buffer = Buffer.from(JSON.stringify(input));
  let isRight = true;
  if (chance(0.4, dice)) {
    isRight = false;
    for (let times = between(1, 2, dice); times > 0; times--) body = pick(BODY_MUTATIONS, dice)(body, dice);
  }
  if (chance(0.005, dice)) {
    isRight = false;
    body = padded(body, dice);
  }
  const { target, headers, signature, signed } = await sign(operation, body, host, dice);
  let draft: Draft = {
    line: `POST ${target} HTTP/1.1`,
    headers: [...Object.entries(headers), ['user-agent', 'fuzz'], ['content-length', String(body.length)]],
    body,
  };
  const fate = dice();
  if (fate < 0.15) draft = pick(HARMLESS, dice)(draft, dice);
  else if (fate < 0.55) {
    isRight = false;
    for (let times = between(1, 2, dice); times > 0; times--)
      draft = pick(REQUEST_MUTATIONS, dice)(draft, dice);
  }
  return { bytes: bytesOf(draft), isRight: isRight && signed !== undefined, signature, signed };
};

const piecesOf = (bytes: Buffer, dice: Random): Buffer[] => {
  if (chance(0.7, dice)) return [bytes];
  const ends = Array.from({ length: between(1, 8, dice) }, () => below(bytes.length + 1, dice));
  const marks = [0, ...ends.sort((a, b) => a - b), bytes.length];
  return marks.slice(1).map((end, at) => bytes.subarray(marks[at], end));
};
