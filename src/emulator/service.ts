import { SERVICE } from '../usage/wire.ts';
import type { Behaviours } from './behaviours/behaviours.ts';
import type { CloudTrail } from './cloudtrail/lookup-events.ts';
import type { Faults } from './faults/faults.ts';
import { type Market, notPermitted } from './market/market.ts';
import type { Marketplace } from './market/marketplace.ts';
import type { MarketplaceApis } from './marketplace/quotas.ts';
import type { TokenSigner } from './operations/usage-token.ts';
import { KEY_PAIR } from './principal.ts';
import type { Quota } from './quota.ts';
import type { Refusal } from './rules/refusals.ts';
import { type SignedRequest, signingOf } from './signing/signing.ts';
import { isRegion, type SigningKeyOf } from './signing/signing-key.ts';
import { type Caller, type Signer, verifySignature } from './signing/verify-signature.ts';
import type { Memory } from './state/store.ts';

/** What the service consists of; the same for all its calls. */
export type Service = {
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  readonly behaviours: Behaviours;
  readonly uuid: () => string;
  readonly memory: Memory;
  readonly marketplace: Marketplace;
  readonly signer: TokenSigner;
  readonly signingKeyOf: SigningKeyOf;
  readonly faults: Faults;
  /** Undefined: there is no limit on the number of calls. */
  readonly quota: Quota | undefined;
  readonly cloudTrail: CloudTrail;
  readonly marketplaceApis: MarketplaceApis;
};

/** The times that a signature may be checked against. */
export type Clocks = readonly [Date, ...Date[]];

/** Who sent the request; with `--signatures skip`, who it claims to be from. */
export const callerOf = (
  request: SignedRequest,
  service: Service,
  market: Market,
  clocks: Clocks,
  signingName: string = SERVICE.signingName,
): Caller | Refusal => {
  const signer =
    service.signatures === 'skip'
      ? claimedSigner(request)
      : provenSigner(request, service, market, clocks, signingName);
  return signer.kind === 'refusal'
    ? signer
    : { ...signer, ...market.principalOf(signer.accessKeyId), kind: 'caller' };
};

/** Undefined when the caller may perform the action. */
export const permissionRefusal = (
  { behaviours }: Service,
  market: Market,
  caller: Caller,
  action: string,
  isDryRun = false,
): Refusal | undefined =>
  market.permits(caller.accessKeyId, action)
    ? undefined
    : notPermitted(caller, action, { isDryRun, behaviours });

const provenSigner = (
  request: SignedRequest,
  service: Service,
  market: Market,
  [first, ...more]: Clocks,
  signingName: string,
): Signer | Refusal =>
  verifySignature(request, {
    now: first,
    alsoNow: more,
    service: signingName,
    secretOf: market.secretOf,
    signingKeyOf: service.signingKeyOf,
  });

/** Who the request claims to be from, unverified. */
const claimedSigner = (request: SignedRequest): Signer => {
  const claimed = signingOf(request);
  return claimed.kind === 'authorization' && isRegion(claimed.scope.region)
    ? { kind: 'signer', accessKeyId: claimed.accessKeyId, region: claimed.scope.region }
    : { kind: 'signer', accessKeyId: KEY_PAIR.accessKeyId, region: 'us-east-1' };
};
