"""Replication between Regions as it is on AWS: late, with the same versions, by a role, and able to stop.

As released, MiniStack 1.5.33 writes a replica with the object, under a version id of its own, and leaves out its lock. It asks no
role, and follows no later change of a tag or a lock. Replicas of global tables are written at once as well. On AWS both come
later, a replica keeps the version id, and what the role may not do fails for good:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html

`PUT /_ministack/replication` with `{"stopped": true}` or `{"lateSeconds": 5}` holds both back, for a test. No delete of an object is
replicated.
"""

import asyncio
import copy
import json
import time

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import dynamodb, kms, s3

for module, names in (
    (s3, ("_maybe_replicate", "_replication_rule_for", "_version_entry_from_record", "_object_retention", "_object_tags")),
    (dynamodb, ("_replicate_write",)),
    (iam_evaluator, ("_gather_role_policies", "evaluate", "EvalContext")),
):
    if not all(hasattr(module, name) for name in names):
        raise SystemExit(f"{__file__} does not fit this MiniStack: expected {', '.join(names)} in {module.__name__}")

PATH = "/_ministack/replication"
EVERY_SECONDS = 0.05

control = {"stopped": False, "lateSeconds": 0.0}
written = {}  # when each version was written: by account, bucket, key and version id; None where it has no id yet
items = []  # writes to global tables that their replicas have not seen: when, and the write
replicate_item = dynamodb._replicate_write


def remember_object(bucket, key, obj, data, tags=None):
    rule, _ = s3._replication_rule_for(bucket, key, tags)
    if rule is not None:
        obj["replication_status"] = "PENDING"


def remember_item(table, event, old_item, new_item):
    if not dynamodb._replica_group(table):
        return
    scope = (get_account_id(), get_region())
    write = (scope, table["TableName"], event, copy.deepcopy(old_item), copy.deepcopy(new_item))
    items.append((time.time(), write))


def is_due(since):
    return not control["stopped"] and since + control["lateSeconds"] <= time.time()


def replicate_items():
    while items and is_due(items[0][0]):
        _, ((account, region), name, event, old_item, new_item) = items.pop(0)
        with request_scope(account, region):
            table = dynamodb._tables.get(name)
            if table is not None:
                replicate_item(table, event, old_item, new_item)


def replicate_objects():
    if control["stopped"]:
        return
    for account, bucket in list(s3._bucket_replication._data):
        with request_scope(account, ""):
            for source, key in list(s3._object_versions):
                if source == bucket:
                    for version in list(s3._object_versions[(source, key)]):
                        replicate_version(account, bucket, key, version)


def replicate_version(account, bucket, key, version):
    status = version.get("replication_status")
    if version.get("is_delete_marker") or status not in ("PENDING", "COMPLETED"):
        return
    tags = s3._object_tags.get((bucket, key, version["version_id"]), {})
    rule, role = s3._replication_rule_for(bucket, key, tags)
    target = rule and s3._replication_destination(bucket, key, rule, role)
    if status == "PENDING":
        since = written.setdefault((account, bucket, key, version["version_id"]), time.time())
        if not is_due(since):
            return
        done = bool(target) and is_allowed(account, bucket, key, rule, role)
        if done:
            copy_version(target[0], key, version, rule)
        set_status(bucket, key, version, "COMPLETED" if done else "FAILED")
        if not done:
            return
    if target:
        follow_settings(bucket, target[0], key, version["version_id"])


def copy_version(destination, key, version, rule):
    replica = {**copy.deepcopy(version), "replication_status": "REPLICA", "is_latest": True}
    destination_key = (rule["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    headers = replica.setdefault("preserved_headers", {})
    for name in list(headers):
        if name.lower() == "x-amz-server-side-encryption-aws-kms-key-id" and destination_key:
            headers[name] = destination_key
    versions = s3._object_versions.setdefault((destination, key), [])
    for other in versions:
        other["is_latest"] = False
    versions.append(replica)
    current = {name: value for name, value in replica.items() if name not in ("data", "is_latest")}
    s3._buckets[destination]["objects"][key] = {**current, "body": replica["data"]}


def follow_settings(bucket, destination, key, version_id):
    """Tags and locks that changed after the write are replicated as well."""
    for settings in (s3._object_tags, s3._object_retention, s3._object_legal_hold):
        found = settings.get((bucket, key, version_id))
        if found is None:
            settings.pop((destination, key, version_id), None)
        else:
            settings[(destination, key, version_id)] = copy.deepcopy(found)


def set_status(bucket, key, version, status):
    version["replication_status"] = status
    current = s3._buckets[bucket]["objects"].get(key)
    if current is not None and current.get("version_id") == version["version_id"]:
        current["replication_status"] = status


def is_allowed(account, bucket, key, rule, role):
    """Whether the role may do what S3 does by it. The replica of an encrypted object needs both keys."""
    destination = rule["Destination"]["Bucket"].split(":::")[-1]
    source_key = kms_key_of(bucket)
    replica_key = (rule["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    encrypted = (((rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects")) or {}).get("Status")
    if source_key and (encrypted != "Enabled" or not replica_key):
        return False
    needed = [
        ("s3:GetReplicationConfiguration", f"arn:aws:s3:::{bucket}", {}),
        ("s3:GetObjectVersionForReplication", f"arn:aws:s3:::{bucket}/{key}", {}),
        ("s3:GetObjectVersionTagging", f"arn:aws:s3:::{bucket}/{key}", {}),
        ("s3:GetObjectRetention", f"arn:aws:s3:::{bucket}/{key}", {}),
        ("s3:GetObjectLegalHold", f"arn:aws:s3:::{bucket}/{key}", {}),
        ("s3:ReplicateObject", f"arn:aws:s3:::{destination}/{key}", {}),
        ("s3:ReplicateTags", f"arn:aws:s3:::{destination}/{key}", {}),
    ]
    if source_key:
        # With a bucket key the context is the bucket, not the object.
        needed += [
            ("kms:Decrypt", source_key, through(source_key, bucket)),
            ("kms:Encrypt", replica_key, through(replica_key, destination)),
            ("kms:Decrypt", replica_key, through(replica_key, destination)),
        ]
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
    return all(may(account, role, policies, *each) for each in needed)


def through(key, bucket):
    region = key.split(":")[3] if key.startswith("arn:") else ""
    return {
        "kms:viaservice": f"s3.{region}.amazonaws.com",
        "kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
    }


def may(account, role, policies, action, resource, context):
    request = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="",
        service_context=context,
    )
    return iam_evaluator.evaluate(request, policies).decision == "Allow"


def kms_key_of(bucket):
    """The ARN of the key that the bucket encrypts by; None where S3's own does."""
    found = str(s3._bucket_encryption.get(bucket) or "")
    account = get_account_id()
    for owner, region, key_id in list(kms._keys._data):
        if owner == account and key_id in found:
            return f"arn:aws:kms:{region}:{account}:key/{key_id}"
    return None


async def work():
    while True:
        replicate_items()
        replicate_objects()
        await asyncio.sleep(EVERY_SECONDS)


def serving(app):
    """Answers the path above, and replicates from the first request on."""
    tasks = []

    async def serve(scope, receive, send):
        if not tasks:
            tasks.append(asyncio.create_task(work()))
        if scope["type"] != "http" or scope["path"] != PATH:
            return await app(scope, receive, send)
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        control.update({"stopped": False, "lateSeconds": 0.0, **json.loads(body or b"{}")})
        await send({"type": "http.response.start", "status": 204, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    return serve


s3._maybe_replicate = remember_object
dynamodb._replicate_write = remember_item
