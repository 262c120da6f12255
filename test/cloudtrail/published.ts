/**
 * Source: Seller Guide and API reference, "Logging AWS Marketplace Metering API calls with AWS CloudTrail", the example of
 * BatchMeterUsage, with AWS's placeholders.
 */
export const PUBLISHED = {
  eventVersion: '1.05',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'EX_PRINCIPAL_ID',
    arn: 'arn:aws:iam::123456789012:user/Alice',
    accountId: '123456789012',
    accessKeyId: 'EXAMPLE_KEY_ID',
    userName: 'Alice',
  },
  eventTime: '2018-04-19T16:32:51Z',
  eventSource: 'metering-marketplace.amazonaws.com',
  eventName: 'BatchMeterUsage',
  awsRegion: 'us-east-1',
  sourceIPAddress: '203.0.113.0/24',
  userAgent: 'Coral/Netty14',
  requestParameters: {
    usageRecords: [
      {
        dimension: 'Dimension1',
        timestamp: 'Apr 19, 2018 4:32:50 PM',
        customerIdentifier: 'customer1',
        quantity: 1,
      },
    ],
    productCode: 'EXAMPLE_proCode',
  },
  responseElements: {
    results: [
      {
        usageRecord: {
          dimension: 'Dimension1',
          timestamp: 'Apr 19, 2018 4:32:50 PM',
          customerIdentifier: 'customer1',
          quantity: 1,
        },
        meteringRecordId: 'bEXAMPLE-98f0-4e90-8bd2-bf0EXAMPLE1e',
        status: 'Success',
      },
    ],
    unprocessedRecords: [],
  },
  requestID: 'dEXAMPLE-251d-11e7-8d11-1f3EXAMPLE8b',
  eventID: 'cEXAMPLE-e6c2-465d-b47f-150EXAMPLE97',
  readOnly: false,
  eventType: 'AwsApiCall',
  recipientAccountId: '123456789012',
} as const;

/** The same with each of its records changed. */
export const publishedWith = (change: (record: Record<string, unknown>) => object): object => {
  const { requestParameters, responseElements } = PUBLISHED;
  return {
    ...PUBLISHED,
    requestParameters: {
      ...requestParameters,
      usageRecords: requestParameters.usageRecords.map(record => change({ ...record })),
    },
    responseElements: {
      ...responseElements,
      results: responseElements.results.map(result => ({
        ...result,
        usageRecord: change({ ...result.usageRecord }),
      })),
    },
  };
};

/** The newer form of AWS's example names the customer's account as well; AWS's own tools spell the member in two ways. */
export const CASINGS = ['customerAWSAccountID', 'customerAWSAccountId'] as const;
