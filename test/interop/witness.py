"""Asks third-party code in one process: its start costs more than all its answers.

A line in: {"witness", "env", ...}, with the environment that a process of its own would have. A line out: what `answer` of
that module makes of it.
"""

import importlib
import json
import os
import sys

for line in sys.stdin:
    asked = json.loads(line)
    os.environ.clear()
    os.environ.update(asked["env"])
    replies = importlib.import_module(asked["witness"]).answer(asked)
    print(json.dumps(replies, default=lambda date: date.isoformat()), flush=True)
