"""Makes calls with boto3, and tells what boto3 made of each reply.

In: {"attempts", "calls": [{"operation", "input"}]}. Out: a list of {"output"} or {"error": {"name", "message", "typed"}}.
Asked for {"model": true}: the errors of each operation.
"""

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore import xform_name


def exceptions_of_the_model():
    """The errors that boto3's own copy of the service model lists for each operation."""
    model = ServiceModel(Loader().load_service_model("meteringmarketplace", "service-2"))
    return {
        name: sorted(shape.name for shape in model.operation_model(name).error_shapes)
        for name in model.operation_names
    }


def seen(client, call):
    try:
        output = getattr(client, xform_name(call["operation"]))(**call["input"])
        output.pop("ResponseMetadata")
        return {"output": output}
    except ClientError as error:
        name = error.response["Error"]["Code"]
        typed = hasattr(client.exceptions, name) and isinstance(error, getattr(client.exceptions, name))
        message = error.response["Error"]["Message"]
        return {"error": {"name": name, "message": message, "typed": typed}}


def answer(asked):
    if asked.get("model"):
        return exceptions_of_the_model()
    config = Config(retries={"mode": "standard", "total_max_attempts": asked["attempts"]})
    client = boto3.client("meteringmarketplace", config=config)
    return [seen(client, call) for call in asked["calls"]]
