"""The attributes of a message that a state machine publishes.

As released, MiniStack 1.5.33 reads them only in the query protocol's form. It loses those that Step Functions'
`sns:publish` passes as an object, so no subscription can filter by them. Step Functions takes the API's parameters:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html
"""

from ministack.services import sns

if not hasattr(sns, "_parse_message_attributes"):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected a function that reads a message's attributes")

parse = sns._parse_message_attributes


def parse_both(params):
    given = params.get("MessageAttributes")
    return given if isinstance(given, dict) else parse(params)


sns._parse_message_attributes = parse_both
