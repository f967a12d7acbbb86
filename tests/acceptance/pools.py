"""Throw-away pools: made with a mark, deleted whatever happens, also those that an earlier crash left."""

import datetime
import os
import re

from botocore.exceptions import BotoCoreError, ClientError

TAG = {"cognito-mfa-acceptance": "throw-away"}
PREFIX = "cognito-mfa-acceptance-"
NAME = re.compile(rf"^{PREFIX}(\d{{8}}T\d{{6}}Z)-[0-9a-f]+$")
STAMP = "%Y%m%dT%H%M%SZ"
# No run takes as long, so what is older belongs to none that still runs.
ABANDONED_AFTER = datetime.timedelta(hours=1)
DELETE_ATTEMPTS = 5


class Pools:
    """The pools of this run. As a context it leaves none behind; `left` names those that AWS would not delete."""

    def __init__(self, target, now=lambda: datetime.datetime.now(datetime.timezone.utc)):
        self.target, self.now, self.made, self.left = target, now, [], []
        self.name = f"{PREFIX}{now().strftime(STAMP)}-{os.urandom(4).hex()}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
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
        failure = None
        for _ in range(DELETE_ATTEMPTS):
            try:
                self.target.call("DeleteUserPool", {"UserPoolId": pool})
                failure = None
                break
            except ClientError as error:
                failure = error
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    failure = None
                    break
            except BotoCoreError as error:
                failure = error
        if pool in self.made:
            self.made.remove(pool)
        if failure:
            self.left.append((pool, str(failure)))

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
        described = self.target.call("DescribeUserPool", {"UserPoolId": pool})["UserPool"]
        return TAG.items() <= described.get("UserPoolTags", {}).items()

    def delete_abandoned(self, all_of_them=False):
        """Deletes what earlier runs left. Younger pools may belong to a run of this moment, and are returned instead."""
        young = []
        for pool, name in list(self.marked()):
            if all_of_them or self.now() - made_at(name) > ABANDONED_AFTER:
                self.delete(pool)
            else:
                young.append(name)
        return young


def made_at(name):
    stamp = datetime.datetime.strptime(NAME.match(name)[1], STAMP)
    return stamp.replace(tzinfo=datetime.timezone.utc)
