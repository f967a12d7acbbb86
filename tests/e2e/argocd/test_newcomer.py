"""What the README's section Install says of Argo CD leads to an object that is Ready; the rig has installed by it."""

import unittest

import newcomer
from rig import OPERATOR, rig

POOL = "eu-west-1_AbCdEf123"  # the README's


class ANewcomer(unittest.TestCase):
    def test_gets_an_object_ready_by_the_commands_of_the_readme(self):
        deployment = rig().kube.get("deployments", OPERATOR, OPERATOR)
        image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        self.assertEqual(image.rpartition(":")[0], newcomer.REPOSITORY)
        rig().emulator.pool(POOL)
        newcomer.run(*newcomer.afterwards())
        declared = rig().kube.get("userpoolmfaconfigs", "audited", "team-a")["spec"]["mfaConfiguration"]
        self.assertEqual(rig().emulator.mode(POOL), declared)
