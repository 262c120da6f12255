import { type ServiceError, UNEXPECTED_REPLY } from '../errors.ts';

/** The next step for an error code of AWS, in the caller's terms. */
const BY_CODE: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'allow the action (aws-marketplace:BatchMeterUsage, MeterUsage, RegisterUsage or ResolveCustomer) on Resource "*" for this identity',
  UnrecognizedClientException: 'check the access key, and that it belongs to this AWS partition',
  InvalidSignatureException: 'check the secret key; a session token must come with its own key pair',
  ExpiredTokenException:
    'refresh the credentials (aws sso login, or assume the role again) and run the same command again',
  InvalidProductCodeException:
    'check the product code, and that these credentials belong to the account that sells it',
  InvalidUsageDimensionException:
    "use the dimension's API name exactly as it stands in the product; case matters",
  InvalidLicenseException: "check that the license is the buyer's, is active, and belongs to this product",
  InvalidCustomerIdentifierException: 'check the customer identifier against what resolve gave',
  InvalidTagException: 'check the tags: at most 5, keys up to 100 and values up to 256 characters',
  InvalidUsageAllocationsException: 'the allocations must add up to the quantity, each with different tags',
  TimestampOutOfBoundsException:
    "the usage is outside the window AWS takes, or this machine's clock is wrong",
  DisabledApiException:
    'this operation is not enabled in this Region; use the Region of your product, by default us-east-1',
  InvalidEndpointRegionException: 'call the Region the software runs in; see --region',
  InvalidRegionException: 'call the Region the software runs in; see --region',
  CustomerNotEntitledException: 'the buyer has no active subscription to this product',
  PlatformNotSupportedException: 'RegisterUsage works only inside an ECS task or an EKS pod',
  InvalidPublicKeyVersionException:
    'check --public-key-version against the product in the AWS Marketplace Management Portal',
  InvalidTokenException: 'pass the token as AWS posted it, decoded once; each buyer and product has its own',
  DuplicateRequestException:
    'this hour already has another quantity, which stays billed; report the difference in a later hour',
  IdempotencyConflictException:
    'this client token was used for other parameters: leave --client-token out, or use another',
};

/** What to do now about an error of the service. */
export const adviceFor = (error: ServiceError): string | undefined => {
  if (error.code === 'ExpiredTokenException' && error.kind === 'call') {
    return 'a registration token lives for a few hours: have the buyer click "Set up your account" again';
  }
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(error.code)) {
    return 'for a private certificate authority set NODE_EXTRA_CA_CERTS to its PEM file';
  }
  if (error.code === UNEXPECTED_REPLY)
    return 'check the endpoint, and what stands between it and this machine; then run the same command again';
  const known = Object.hasOwn(BY_CODE, error.code) ? BY_CODE[error.code] : undefined;
  if (known !== undefined) return known;
  switch (error.kind) {
    case 'throttled':
    case 'unavailable':
      return 'run the same command again';
    case 'clock':
      return "set this machine's clock";
    case 'credentials':
    case 'stale-credentials':
      return 'check the credentials with aws sts get-caller-identity';
    default:
      return undefined;
  }
};
