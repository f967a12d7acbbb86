"""Throw-away pools: made with a mark, deleted whatever happens, also those that an earlier crash left."""

import contextlib
import datetime
import os
import re
import signal

from botocore.exceptions import BotoCoreError, ClientError

from target import denied

TAG = {"cognito-mfa-acceptance": "throw-away"}
PREFIX = "cognito-mfa-acceptance-"
NAME = re.compile(rf"^{PREFIX}(\d{{8}}T\d{{6}}Z)-[0-9a-f]+$")
STAMP = "%Y%m%dT%H%M%SZ"
# No run takes as long, so what is older belongs to none that still runs.
ABANDONED_AFTER = datetime.timedelta(hours=1)
DELETE_ATTEMPTS = 5
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Pools:
    """The pools of this run. As a context it leaves none behind; `left` names those that AWS would not delete."""

    def __init__(self, target, now=lambda: datetime.datetime.now(datetime.timezone.utc)):
        self.target, self.now, self.made, self.left = target, now, [], []
        self.name = f"{PREFIX}{now().strftime(STAMP)}-{os.urandom(4).hex()}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        with undisturbed():
            for pool in list(self.made):
                self.delete(pool)
            self.delete_unnoticed()

    def create(self, fields):
        """CreateUserPool's answer."""
        answer = self.target.call("CreateUserPool", {"PoolName": self.name, "UserPoolTags": TAG, **fields})
        self.made.append(answer["UserPool"]["Id"])
        return answer

    def update(self, pool, fields):
        """UpdateUserPool; it would reset the tags, and with them the mark."""
        return self.target.call("UpdateUserPool", {"UserPoolId": pool, "UserPoolTags": TAG, **fields})

    def delete(self, pool):
        """Deletes it, and tries again where AWS is busy."""
        failures = []
        while len(failures) < DELETE_ATTEMPTS and (failure := self.try_to_delete(pool)):
            failures.append(failure)
        if pool in self.made:
            self.made.remove(pool)
        if len(failures) == DELETE_ATTEMPTS:
            self.left.append((pool, failures[-1]))

    def try_to_delete(self, pool):
        """Why it could not be deleted; nothing when it is gone."""
        try:
            self.target.call("DeleteUserPool", {"UserPoolId": pool})
        except ClientError as error:
            return "" if error.response["Error"]["Code"] == "ResourceNotFoundException" else str(error)
        except BotoCoreError as error:
            return str(error)
        return ""

    def delete_unnoticed(self):
        """Deletes what AWS made for this run without the answer having come, such as at a broken connection."""
        try:
            for pool, name in self.marked():
                if name == self.name and pool not in [each for each, _ in self.left]:
                    self.delete(pool)
        except (ClientError, BotoCoreError) as error:
            self.left.append((f"perhaps pools named {self.name}", str(error)))

    def marked(self):
        """The id and name of every pool of the Region that has both marks: the name and the tag."""
        request = {"MaxResults": 60}
        while True:
            page = self.target.call("ListUserPools", request)
            for pool in page.get("UserPools", []):
                if NAME.match(pool["Name"]) and self.has_tag(pool["Id"]):
                    yield pool["Id"], pool["Name"]
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]

    def has_tag(self, pool):
        """Whether it has the tag, which the rights may demand for a look at it."""
        try:
            described = self.target.call("DescribeUserPool", {"UserPoolId": pool})["UserPool"]
        except ClientError as error:
            if denied(error) or error.response["Error"]["Code"] == "ResourceNotFoundException":
                return False
            raise
        return TAG.items() <= described.get("UserPoolTags", {}).items()

    def delete_abandoned(self, all_of_them=False):
        """Deletes what earlier runs left. Younger pools may belong to a run of this moment: their names are returned."""
        young = []
        for pool, name in list(self.marked()):
            if all_of_them or self.now() - made_at(name) > ABANDONED_AFTER:
                self.delete(pool)
            else:
                young.append(name)
        return young


@contextlib.contextmanager
def undisturbed():
    """No signal interrupts the block: the pools would stay."""
    before = {signum: signal.signal(signum, signal.SIG_IGN) for signum in STOPPING}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def made_at(name):
    stamp = datetime.datetime.strptime(NAME.match(name)[1], STAMP)
    return stamp.replace(tzinfo=datetime.timezone.utc)
