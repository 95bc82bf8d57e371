"""SQS's counters as they were some seconds ago, for queues with the tag `local:counters-late-seconds`.

As released, MiniStack 1.5.33 counts a queue's messages exactly. On AWS the counters settle a minute or more after the
last change, so that a queue that was just emptied still reads as full:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/confirm-queue-is-empty.html
"""

import time

from ministack.services import sqs

if not all(hasattr(sqs, name) for name in ("_HANDLERS", "_get_q", "_refresh_counts")):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected a table of actions, a queue's look-up and its counters")

TAG = "local:counters-late-seconds"
CHANGES = (
    "SendMessage",
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "PurgeQueue",
)
COUNTERS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

count = sqs._refresh_counts
history = {}  # by the queue's ARN: when, and its counters from then on


def counted(queue):
    count(queue)
    return {name: queue["attributes"][name] for name in COUNTERS}


def remember(queue):
    history.setdefault(queue["attributes"]["QueueArn"], []).append((time.time(), counted(queue)))


def count_late(queue):
    seconds = float(queue["tags"].get(TAG, 0))
    count(queue)
    if seconds == 0:
        return
    then = time.time() - seconds
    past = [counters for at, counters in history.get(queue["attributes"]["QueueArn"], []) if at <= then]
    queue["attributes"].update(past[-1] if past else dict.fromkeys(COUNTERS, "0"))


def remembering(act):
    async def act_and_remember(data, url):
        result = act(data, url)
        if hasattr(result, "__await__"):
            result = await result
        queue = sqs._get_q(data.get("QueueUrl", url))
        if TAG in queue["tags"]:
            remember(queue)
        return result

    return act_and_remember


for name in CHANGES:
    sqs._HANDLERS[name] = remembering(sqs._HANDLERS[name])
sqs._refresh_counts = count_late
