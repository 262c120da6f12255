import { ATTRIBUTES, KEY_SCHEMA } from './schema.ts';

/** A CloudFormation template that makes the same table as `ledger create`. */
export const tableTemplate = (tableName: string): Readonly<Record<string, unknown>> => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'The ledger of ampmeter. When it exists, run: ampmeter ledger create',
  Resources: {
    Ledger: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ATTRIBUTES,
        KeySchema: KEY_SCHEMA,
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
  },
  Outputs: { LedgerArn: { Value: { 'Fn::GetAtt': ['Ledger', 'Arn'] } } },
});
