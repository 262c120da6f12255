import type { ApiAllocation } from '../../usage/allocations.ts';
import { LIMITS } from '../../usage/limits.ts';
import type { Inputs, Operation, WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { flag, integer, list, optional, required, type Shape, structure, text, timestamp } from './shape.ts';

/**
 * Only the shape of a tag is checked here: the number of tags and their characters have an error of their own
 * (InvalidTagException), which the rules raise. The model does not allow an empty list of tags.
 */
const tag = structure<ApiTag>({ Key: required(text({})), Value: required(text({})) });

/** Value may be missing or null, according to the text of the model but not to its constraints. */
const tagWithoutValue = structure<ApiTag>({ Key: required(text({})), Value: optional(text({})) });

type ApiTag = NonNullable<ApiAllocation['Tags']>[number];

const allocationsOf = (tags: Shape<ApiTag>): Shape<ApiAllocation[]> =>
  list(
    structure<ApiAllocation>({
      AllocatedUsageQuantity: required(integer(LIMITS.quantity)),
      Tags: optional(list(tags, { min: LIMITS.tagsPerAllocation.min })),
    }),
    LIMITS.allocationsPerRecord,
  );

const productCode = text(LIMITS.productCode);

const recordOf = (allocations: Shape<ApiAllocation[]>): Shape<WireRecord> =>
  structure<WireRecord>({
    Timestamp: required(timestamp),
    Dimension: required(text(LIMITS.dimension)),
    Quantity: optional(integer(LIMITS.quantity)),
    CustomerIdentifier: optional(text(LIMITS.customerIdentifier)),
    CustomerAWSAccountId: optional(text(LIMITS.customerAWSAccountId)),
    LicenseArn: optional(text(LIMITS.licenseArn)),
    UsageAllocations: optional(allocations),
  });

type Shapes = { readonly [O in Operation]: Shape<Inputs[O]> };

/**
 * The inputs of the operations with the constraints of the service model (botocore 1.43.107). These are sometimes looser
 * than the checks of the client: an account id can be any number of digits here.
 */
const shapesWith = (tags: Shape<ApiTag>): Shapes => {
  const allocations = allocationsOf(tags);
  return {
    BatchMeterUsage: structure<Inputs['BatchMeterUsage']>({
      ProductCode: optional(productCode),
      UsageRecords: required(list(recordOf(allocations), { max: LIMITS.recordsPerRequest })),
    }),
    MeterUsage: structure<Inputs['MeterUsage']>({
      ProductCode: required(productCode),
      Timestamp: required(timestamp),
      UsageDimension: required(text(LIMITS.dimension)),
      UsageQuantity: optional(integer(LIMITS.quantity)),
      DryRun: optional(flag),
      UsageAllocations: optional(allocations),
      ClientToken: optional(text(LIMITS.clientToken)),
    }),
    RegisterUsage: structure<Inputs['RegisterUsage']>({
      ProductCode: required(productCode),
      PublicKeyVersion: required(integer(LIMITS.publicKeyVersion)),
      Nonce: optional(text(LIMITS.nonce)),
    }),
    ResolveCustomer: structure<Inputs['ResolveCustomer']>({
      RegistrationToken: required(text({ minLength: 1 })),
    }),
  };
};

const SHAPES: Readonly<Record<Behaviours['empty-tag-value'], Shapes>> = {
  refused: shapesWith(tag),
  accepted: shapesWith(tagWithoutValue),
};

export const shapeOf = <O extends Operation>(operation: O, behaviours: Behaviours): Shape<Inputs[O]> =>
  SHAPES[behaviours['empty-tag-value']][operation];
