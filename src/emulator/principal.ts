import { hash } from 'node:crypto';
/** Who holds a key. */
export type Principal = {
  /** Twelve digits. */
  readonly accountId: string;
  readonly userName: string;
};

export const arnOf = ({ accountId, userName }: Principal, region: string): string =>
  `arn:${partitionOf(region)}:iam::${accountId}:user/${userName}`;

/** The same one for the same user, whoever asks. */
export const principalIdOf = ({ accountId, userName }: Principal): string =>
  `AIDA${hash('sha256', `${accountId}/${userName}`, 'hex').slice(0, 17).toUpperCase()}`;

/** The part of AWS that a Region belongs to, as ARNs name it. */
export const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws';
};
