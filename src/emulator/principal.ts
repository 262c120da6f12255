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

/** The key pair of AWS's published SigV4 test suite: not a secret, and the only key without a catalog. */
export const KEY_PAIR = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const;

/** The owner of the key pair. */
export const OWNER = { accountId: '123456789012', userName: 'example' } as const;
