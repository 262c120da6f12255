"""A seller's integration test: npm install ../ampmeter (a checkout); pip install boto3; python3 -m unittest integration_test.py"""

import json
import subprocess
import unittest
import urllib.request
from datetime import datetime, timezone

import boto3


class MeteringTest(unittest.TestCase):
    def setUp(self):
        command = ["node", "node_modules/ampmeter/bin/ampmeter.js", "emulator", "--port", "0", "-o", "json"]
        self.emulator = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.addCleanup(self.emulator.stdout.close)
        self.addCleanup(self.emulator.wait)
        self.addCleanup(self.emulator.terminate)
        ready = json.loads(self.emulator.stdout.readline())
        self.url = ready["url"]
        keys = {"aws_access_key_id": ready["accessKeyId"], "aws_secret_access_key": ready["secretAccessKey"]}
        self.client = boto3.client("meteringmarketplace", region_name="us-east-1", endpoint_url=self.url, **keys)

    def test_an_hour_is_billed_once_and_a_canceled_customer_is_not_billed(self):
        accounts = ["111122223333", "404404404404"]  # the second is a test value: it has no subscription
        usage = {"Timestamp": datetime.now(timezone.utc), "Dimension": "users", "Quantity": 3}
        records = [{**usage, "CustomerAWSAccountId": account} for account in accounts]
        for _ in range(2):
            reply = self.client.batch_meter_usage(ProductCode="my-product", UsageRecords=records)
            self.assertEqual(["Success", "CustomerNotSubscribed"], [result["Status"] for result in reply["Results"]])
        with urllib.request.urlopen(f"{self.url}/_emulator/records") as response:
            billed = json.load(response)
        self.assertEqual([("111122223333", 3)], [(it["CustomerAWSAccountId"], it["Quantity"]) for it in billed])


if __name__ == "__main__":
    unittest.main()
