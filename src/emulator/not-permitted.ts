import type { Behaviours } from './behaviours.ts';
import { partitionOf } from './partition.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { Caller } from './verify-signature.ts';

/** Text and status as a RegisterUsage call was seen to be refused with; IAM's texts are the same for all services. */
export const notPermitted = (
  { accountId, userName, region }: Caller,
  action: string,
  { isDryRun, behaviours }: { readonly isDryRun: boolean; readonly behaviours: Behaviours },
): Refusal => {
  const user = `arn:${partitionOf(region)}:iam::${accountId}:user/${userName}`;
  const message = `User: ${user} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  const isUnauthorized = isDryRun && behaviours['dry-run-denied'] === 'unauthorized';
  const error = isUnauthorized ? 'UnauthorizedException' : 'AccessDeniedException';
  return refuse(error, message, Number(behaviours['access-denied-status']));
};
