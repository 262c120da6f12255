"""Asks for events with boto3's paginator, and tells what boto3 made of them, and of a mistake.

In: {"input", "page"}. Out: {"events": [...], "error": the code of boto3's own type}.
"""

import boto3
from botocore.config import Config


def answer(asked):
    client = boto3.client("cloudtrail", config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    pages = client.get_paginator("lookup_events").paginate(
        **asked["input"], PaginationConfig={"PageSize": asked["page"]}
    )
    events = [event for page in pages for event in page["Events"]]
    try:
        client.lookup_events(NextToken="made up")
        error = None
    except client.exceptions.InvalidNextTokenException as raised:
        error = raised.response["Error"]["Code"]
    return {"events": events, "error": error}
