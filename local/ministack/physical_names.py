"""Names of resources that differ between Regions.

As released, MiniStack 1.5.33 names a resource by its stack and logical id. Two stacks of one name in two Regions then share their
roles, because IAM is global, and the later deployment replaces what the roles of the other one may do. CloudFormation's names end in
something unique:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners

for name in ("_physical_name", "_NAME_SEED"):
    if not hasattr(provisioners, name):
        raise SystemExit(f"{__file__} does not fit this MiniStack: expected {name} in {provisioners.__name__}")

seed = provisioners._NAME_SEED
name_of = provisioners._physical_name


def name_in_region(stack_name, logical_id, *, seeded=True, **shape):
    token = seed.set(get_region() + (seed.get() if seeded else ""))
    try:
        return name_of(stack_name, logical_id, **shape)
    finally:
        seed.reset(token)


provisioners._physical_name = name_in_region
