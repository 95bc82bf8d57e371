"""Trails in CloudFormation.

As released, MiniStack 1.5.33 has the API of CloudTrail and no provisioner for `AWS::CloudTrail::Trail`: a stack with a trail is
rolled back. The trail that is made here is described as on AWS. It delivers no events.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
"""

from ministack.services import cloudtrail
from ministack.services.cloudformation import provisioners


def asked(call, request):
    status, _, body = call(request)
    if status != 200:
        raise ValueError(body.decode() if isinstance(body, bytes) else str(body))


def create(logical_id, props, stack_name):
    name = props.get("TrailName") or f"{stack_name}-{logical_id}"
    asked(cloudtrail._create_trail, {**props, "Name": name})
    asked(
        cloudtrail._put_event_selectors,
        {"TrailName": name, "AdvancedEventSelectors": props.get("AdvancedEventSelectors", [])},
    )
    if props.get("IsLogging"):
        asked(cloudtrail._start_logging, {"Name": name})
    return name, {"Arn": cloudtrail._trail_arn(name)}


def delete(physical_id, props):
    asked(cloudtrail._delete_trail, {"Name": physical_id})


provisioners._RESOURCE_HANDLERS["AWS::CloudTrail::Trail"] = {"create": create, "delete": delete}
