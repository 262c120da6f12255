import { COMMON_ERRORS } from './common-errors.ts';
import type { Explanation } from './explanation.ts';
import { OUTCOMES, RECORD_STATUSES } from './outcomes.ts';
import { NETWORK_ERRORS, OWN_ERRORS } from './own-errors.ts';
import { SERVICE_ERRORS } from './service-errors.ts';
import { TLS_ERRORS } from './tls-errors.ts';

/** Everything that is explained, but for the exit codes, whose meanings stand with the commands. */
export const EXPLANATIONS: readonly Explanation[] = [
  ...OUTCOMES,
  ...RECORD_STATUSES,
  ...SERVICE_ERRORS,
  ...COMMON_ERRORS,
  ...NETWORK_ERRORS,
  ...TLS_ERRORS,
  ...OWN_ERRORS,
];

/** The explanations of a name, in whatever spelling it was met; several when it has several meanings. */
export const explanationsOf = (name: string, of: readonly Explanation[] = EXPLANATIONS): Explanation[] => {
  const word = plain(name);
  const named = of.filter(({ name, also = [] }) => [name, ...also].some(other => plain(other) === word));
  const exact = named.filter(explanation => plain(explanation.name) === word);
  return exact.length > 0 ? exact : named;
};

/** Also without a namespace and the address behind it, as a raw reply has them. */
const plain = (name: string): string =>
  name
    .replace(/^.*#/s, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
    .replace(/exception$/, '');
