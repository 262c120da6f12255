"""A test as suites for moto are: the decorator finds the server, resets it, and hands out clients that call it."""

import unittest
from datetime import datetime

import boto3
from moto import mock_aws

RECORDS = [
    {
        "Timestamp": datetime(2019, 8, day, 21, 1, 38),
        "CustomerIdentifier": f"customer{day}",
        "Dimension": "users",
        "Quantity": day * 100,
    }
    for day in range(1, 26)
]


class MotoSuite(unittest.TestCase):
    @mock_aws()
    def test_the_first_quantity_is_billed(self):
        client = boto3.client("meteringmarketplace", region_name="us-east-1")
        reply = client.batch_meter_usage(UsageRecords=RECORDS, ProductCode="product")
        self.assertEqual({"Success"}, {result["Status"] for result in reply["Results"]})
        other = [{**record, "Quantity": 1} for record in RECORDS]
        reply = client.batch_meter_usage(UsageRecords=other, ProductCode="product")
        self.assertEqual({"DuplicateRecord"}, {result["Status"] for result in reply["Results"]})

    @mock_aws()
    def test_nothing_is_left_of_the_test_before(self):
        client = boto3.client("meteringmarketplace", region_name="us-east-1")
        other = [{**record, "Quantity": 1} for record in RECORDS]
        reply = client.batch_meter_usage(UsageRecords=other, ProductCode="product")
        self.assertEqual({"Success"}, {result["Status"] for result in reply["Results"]})


if __name__ == "__main__":
    unittest.main()
