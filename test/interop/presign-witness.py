"""Presigns requests with botocore: each call as a line of JSON on standard input, its URL and headers as one on standard output."""

import json
import sys

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    call = json.loads(line)
    request = AWSRequest(method="POST", url=call["url"], headers=call["headers"])
    credentials = Credentials(call["accessKeyId"], call["secretAccessKey"], call.get("sessionToken"))
    SigV4QueryAuth(credentials, "aws-marketplace", call["region"], expires=call["expires"]).add_auth(request)
    print(json.dumps({"url": request.url, "headers": dict(request.headers.items())}), flush=True)
