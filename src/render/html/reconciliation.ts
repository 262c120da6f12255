import { DuplicateMember, parseJson } from '../../usage/json.ts';

type Members = Readonly<Record<string, unknown>>;

/** The document that `ampmeter reconcile -o json` prints, as far as the page shows it. */
export type ReconciliationDocument = {
  readonly summary: Members;
  readonly differences: readonly Members[];
  readonly open: readonly Members[];
};

/** Undefined when the text is no such document. Members that a later version adds do no harm. Throws DuplicateMember. */
export const readReconciliation = (text: string): ReconciliationDocument | undefined => {
  const document = parsed(text);
  if (!isMembers(document)) return undefined;
  const { summary, differences, open = [] } = document;
  if (!isMembers(summary) || !isList(differences) || !isList(open)) return undefined;
  return { summary, differences, open };
};

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly Members[] =>
  Array.isArray(value) && value.every(isMembers);

const parsed = (text: string): unknown => {
  try {
    return parseJson(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof DuplicateMember) throw error;
    return undefined;
  }
};
