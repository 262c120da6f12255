import { hash } from 'node:crypto';

/** The owner of a key. */
export type Principal = {
  /** Twelve digits. */
  readonly accountId: string;
  readonly userName: string;
};

export const arnOf = ({ accountId, userName }: Principal, region: string): string =>
  `arn:${partitionOf(region)}:iam::${accountId}:user/${userName}`;

/** Always the same for the same user. */
export const principalIdOf = ({ accountId, userName }: Principal): string =>
  `AIDA${hash('sha256', `${accountId}/${userName}`, 'hex').slice(0, 17).toUpperCase()}`;

/** The partition of AWS that a Region belongs to, as in ARNs. */
const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws';
};
