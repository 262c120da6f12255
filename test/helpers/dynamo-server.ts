import { startDynamo } from './dynamo.ts';

/** DynamoDB for other processes: prints its address, and runs until it is killed. */
const dynamo = await startDynamo();
process.stdout.write(`${dynamo.url}\n`);
