import type { Behaviours } from '../behaviours/behaviours.ts';
import { arnOf } from '../principal.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';

/** Text and status as a RegisterUsage call was seen to be refused with; IAM's texts are the same for all services. */
export const notPermitted = (
  caller: Caller,
  action: string,
  { isDryRun, behaviours }: { readonly isDryRun: boolean; readonly behaviours: Behaviours },
): Refusal => {
  const message = `User: ${arnOf(caller, caller.region)} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  const isUnauthorized = isDryRun && behaviours['dry-run-denied'] === 'unauthorized';
  const error = isUnauthorized ? 'UnauthorizedException' : 'AccessDeniedException';
  return refuse(error, message, Number(behaviours['access-denied-status']));
};
