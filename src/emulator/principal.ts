import { hash } from 'node:crypto';
import type { Principal } from './market/market.ts';
import { partitionOf } from './partition.ts';

export const arnOf = ({ accountId, userName }: Principal, region: string): string =>
  `arn:${partitionOf(region)}:iam::${accountId}:user/${userName}`;

/** The same one for the same user, whoever asks. */
export const principalIdOf = ({ accountId, userName }: Principal): string =>
  `AIDA${hash('sha256', `${accountId}/${userName}`, 'hex').slice(0, 17).toUpperCase()}`;
