import { COMMON_ERRORS } from './common-errors.ts';
import type { Explanation } from './explanation.ts';
import { FINDINGS } from './findings.ts';
import { NETWORK_ERRORS } from './network-errors.ts';
import { OUTCOMES, RECORD_STATUSES } from './outcomes.ts';
import { OWN_ERRORS } from './own-errors.ts';
import { PROXY_ERRORS } from './proxy-errors.ts';
import { SERVICE_ERRORS } from './service-errors.ts';
import { STATE_WORDS } from './states.ts';
import { TLS_ERRORS } from './tls-errors.ts';

/** All explanations except those of the exit codes, which are part of the command line. */
export const EXPLANATIONS: readonly Explanation[] = [
  ...OUTCOMES,
  ...RECORD_STATUSES,
  ...SERVICE_ERRORS,
  ...COMMON_ERRORS,
  ...NETWORK_ERRORS,
  ...TLS_ERRORS,
  ...PROXY_ERRORS,
  ...OWN_ERRORS,
  ...FINDINGS,
  ...STATE_WORDS,
];

/** The explanations of a name in any spelling; several if it has several meanings. */
export const explanationsOf = (name: string, of: readonly Explanation[] = EXPLANATIONS): Explanation[] => {
  const word = plain(name);
  const named = of.filter(({ name, also = [] }) => [name, ...also].some(other => plain(other) === word));
  const exact = named.filter(explanation => plain(explanation.name) === word);
  return exact.length > 0 ? exact : named;
};

/** Without the namespace that a raw reply has in front of it. */
const plain = (name: string): string =>
  name
    .replace(/^.*#/s, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
    .replace(/exception$/, '');
