import { MarketplaceMeteringClient, ResolveCustomerCommand } from '@aws-sdk/client-marketplace-metering';

/** The same call as `ampmeter resolve`, by AWS's generated client. */
const client = new MarketplaceMeteringClient({});
const customer = await client.send(new ResolveCustomerCommand({ RegistrationToken: 'test_token' }));
process.stdout.write(`${customer.CustomerAWSAccountId}\n`);
