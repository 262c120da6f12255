import { columnOf } from './column-names.ts';

/** What a person types to name the delimiter. */
export const delimiterFlag = (delimiter: string): string =>
  delimiter === '\t' ? '--delimiter tab' : `--delimiter '${delimiter}'`;

/** What else may stand between cells, such as a colon or a space. */
const SIGN = /[ !#$%&()*+./:<=>?@[\\\]^`{}~]/g;

/** The delimiter a header seems to have, when it is not `delimiter`: no known column shows until it is parted there. */
export const otherDelimiter = (header: string, delimiter: string): string | undefined => {
  const knownBy = (candidate: string): number =>
    header.split(candidate).filter(name => columnOf(name.replace(/^\s*"|"\s*$/g, '')) !== undefined).length;
  if (knownBy(delimiter) > 0 && header.includes(delimiter)) return undefined;
  const candidates = [',', ';', '\t', '|'].filter(other => other !== delimiter && header.includes(other));
  // A name may have such a sign in it: it parts the header where two known names show.
  const signs = [...new Set(header.match(SIGN))].filter(sign => sign !== delimiter);
  return (
    candidates.find(other => knownBy(other) > 0) ??
    signs.find(sign => knownBy(sign) > 1) ??
    (header.includes(delimiter) ? undefined : candidates[0])
  );
};
