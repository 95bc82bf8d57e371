"""The context attributes that a schedule passes to its target.

As released, MiniStack 1.5.33 passes on `<aws.scheduler.scheduled-time>` literally. A target that deduplicates by it
then handles only the first run of a schedule. EventBridge Scheduler substitutes the values:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html

The time used is when the schedule was found due, some seconds after its scheduled time.
"""

from datetime import datetime, timezone

from ministack.services import eventbridge

if not hasattr(eventbridge, "_invoke_target"):
    raise SystemExit(f"{__file__} does not fit this MiniStack: expected a function that invokes a schedule's target")


def values(event, schedule):
    due = datetime.fromtimestamp(event["Time"], tz=timezone.utc)
    return {
        "schedule-arn": schedule.get("Arn", ""),
        "scheduled-time": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": event["EventId"],
        "attempt-number": "1",  # MiniStack calls once
    }


invoke = eventbridge._invoke_target


def invoke_with_context(target, event, rule, view=None):
    if event.get("Source") == "aws.scheduler" and target.get("Input"):
        text = target["Input"]
        for name, value in values(event, rule).items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        target = {**target, "Input": text}
    return invoke(target, event, rule, view)


eventbridge._invoke_target = invoke_with_context
