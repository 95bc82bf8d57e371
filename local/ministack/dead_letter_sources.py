"""The queues whose redrive policy names a dead-letter queue.

As released, MiniStack 1.5.33 does not know ListDeadLetterSourceQueues:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html
"""

import json

from ministack.services import sqs

if not all(hasattr(sqs, name) for name in ("_HANDLERS", "_queues", "_get_q")):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected a table of actions, the queues, and a look-up of one")


def target_of(queue):
    try:
        policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
    except ValueError:
        return None
    return policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None


def list_dead_letter_source_queues(data, url):
    arn = sqs._get_q(data.get("QueueUrl", url), "sqs:ListDeadLetterSourceQueues")["attributes"]["QueueArn"]
    return {"queueUrls": [address for address, queue in sqs._queues.items() if target_of(queue) == arn]}


sqs._HANDLERS["ListDeadLetterSourceQueues"] = list_dead_letter_source_queues
