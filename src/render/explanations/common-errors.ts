import { type Explanation, ofKind, PAGES, runAgain } from './explanation.ts';

/**
 * Errors of the layers in front of the service; its model does not list them. Source: AWS's common errors, the SigV4
 * guide, and the retry classification of the AWS SDKs. Names differ between layers, mostly by the ending `Exception`.
 */
export const COMMON_ERRORS: readonly Explanation[] = ofKind('AWS common error', [
  {
    name: 'AccessDeniedException',
    also: ['AccessDenied', 'NotAuthorized', 'UnauthorizedException'],
    means: 'AWS recognizes the caller, but the caller does not have permission for this call',
    why: [
      'no policy allows the action; the prefix must be aws-marketplace, and Resource must be "*"',
      'the managed policy AWSMarketplaceMeteringFullAccess allows only MeterUsage',
      'a permissions boundary, a session policy or an organization denies it',
    ],
    next: 'allow the action (aws-marketplace:BatchMeterUsage, MeterUsage, RegisterUsage or ResolveCustomer) on Resource "*" for this identity',
    unsaid: 'UnauthorizedException appears only in the text about dry runs, not in the service model',
    link: PAGES.actions,
  },
  {
    name: 'ExpiredTokenException',
    also: ['ExpiredToken', 'TokenRefreshRequired'],
    means: 'the session token of the credentials has expired (every operation)',
    why: ['temporary credentials have expired: SSO, an assumed role, or copied environment variables'],
    ...runAgain('refresh the credentials (aws sso login, or assume the role again)', ' and '),
    link: PAGES.commonErrors,
  },
  {
    name: 'IncompleteSignatureException',
    also: ['IncompleteSignature'],
    means: 'the signature of the request is incomplete',
    why: ['something between here and AWS changed the headers of the request'],
    next: 'check what is between this machine and AWS, for example a proxy that rewrites headers',
    link: PAGES.commonErrors,
  },
  {
    name: 'InternalFailure',
    also: ['InternalError', 'InternalServerError'],
    means: 'AWS failed, and may or may not have recorded the usage',
    why: ['a failure inside AWS'],
    ...runAgain(),
    link: PAGES.commonErrors,
  },
  {
    name: 'InvalidClientTokenId',
    means: 'AWS does not know the access key',
    why: ['the access key is misspelled, deleted or inactive', 'it belongs to another AWS partition'],
    next: 'check the access key, and that it belongs to this AWS partition',
    link: PAGES.commonErrors,
  },
  {
    name: 'InvalidSignatureException',
    means: 'the signature does not match the one that AWS calculated for the request',
    why: [
      'the secret key does not belong to the access key, or contains a space',
      'the session token belongs to another key pair, or is missing',
      'if the message says "Signature expired" or "not yet current", the clock is wrong by five minutes or more',
      'something between here and AWS changed the request',
    ],
    next: 'check the secret key; a session token works only with its own key pair',
    link: PAGES.commonErrors,
  },
  {
    name: 'MissingAuthenticationTokenException',
    also: ['MissingAuthenticationToken'],
    means: 'the request arrived without a signature',
    why: ['something between here and AWS removed the Authorization header'],
    next: 'check what is between this machine and AWS, for example a proxy that removes headers',
    link: PAGES.commonErrors,
  },
  {
    name: 'OptInRequired',
    means: 'the access key needs a subscription to the service',
    why: ['the account has not signed up for the service, or has not enabled the Region'],
    next: 'enable the Region for this account, or use the Region of your product, by default us-east-1',
    link: PAGES.commonErrors,
  },
  {
    name: 'RequestExpired',
    also: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    means: "the time in the signature differs too much from AWS's clock",
    why: ["this machine's clock is wrong by minutes", 'the request took minutes to arrive'],
    next: "set this machine's clock",
    link: PAGES.commonErrors,
  },
  {
    name: 'RequestTimeout',
    also: ['RequestTimeoutException'],
    means: 'AWS did not receive the whole request in time',
    why: ['the network is slow or loses packets'],
    ...runAgain(),
    link: PAGES.commonErrors,
  },
  {
    name: 'ResourceNotFoundException',
    means: 'the agreement or the product does not exist for this account',
    why: [
      'the credentials are those of another account than the one that sells the product',
      'a reseller proposes agreements for products of other sellers, which it cannot describe',
      'the product was deleted after the agreement was made',
    ],
    next: 'check that the credentials are those of the account that sells the product (ampmeter doctor subscribers)',
    link: PAGES.catalog,
  },
  {
    name: 'SerializationException',
    means: 'AWS could not parse the body of the request',
    why: ['something between here and AWS changed the body'],
    next: 'check what is between this machine and AWS; if there is nothing, report the bug with the output of --debug',
    unsaid: 'AWS does not document it for this service',
    link: PAGES.commonErrors,
  },
  {
    name: 'ServiceUnavailable',
    also: ['ServiceUnavailableException'],
    means: 'AWS is temporarily unavailable',
    why: ['a temporary failure of the service'],
    ...runAgain(),
    link: PAGES.commonErrors,
  },
  {
    name: 'SignatureDoesNotMatch',
    means:
      'the signature does not match the one that AWS calculated; another name of InvalidSignatureException',
    why: [
      'the secret key does not belong to the access key, or contains a space',
      'the session token belongs to another key pair, or is missing',
      'if the message says "Signature expired" or "not yet current", the clock is wrong by five minutes or more',
    ],
    next: 'check the secret key; a session token works only with its own key pair',
    link: PAGES.commonErrors,
  },
  {
    name: 'UnknownOperationException',
    also: ['UnknownOperation', 'InvalidAction'],
    means: 'the server that replied does not know the operation',
    why: ['the endpoint belongs to another service', 'the path of the endpoint URL is wrong'],
    next: 'check the endpoint: --endpoint-url, AWS_ENDPOINT_URL and the profile',
    link: PAGES.commonErrors,
  },
  {
    name: 'UnrecognizedClientException',
    means: 'AWS does not know the access key or the session token',
    why: [
      'the access key is misspelled, deleted or inactive',
      'temporary keys are used without their session token',
      'it belongs to another AWS partition, for example China or GovCloud',
    ],
    next: 'check the access key, and that it belongs to this AWS partition',
    link: PAGES.commonErrors,
  },
  {
    name: 'ValidationException',
    also: ['ValidationError'],
    means: 'a member of the request has a form that AWS does not accept',
    why: [
      'AWS has a rule that ampmeter does not know; ampmeter checks the rules of the service model before it sends',
    ],
    next: "see AWS's message for the member, fix it, and report that ampmeter's own checks missed it",
    unsaid: 'AWS does not document it for this service',
    link: PAGES.commonErrors,
  },
]);
