"""Presigns a request with botocore.

In: {"url", "headers", "region", "expires", "accessKeyId", "secretAccessKey", "sessionToken"}. Out: {"url", "headers"}.
"""

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def answer(asked):
    request = AWSRequest(method="POST", url=asked["url"], headers=asked["headers"])
    credentials = Credentials(asked["accessKeyId"], asked["secretAccessKey"], asked.get("sessionToken"))
    SigV4QueryAuth(credentials, "aws-marketplace", asked["region"], expires=asked["expires"]).add_auth(request)
    return {"url": request.url, "headers": dict(request.headers.items())}
