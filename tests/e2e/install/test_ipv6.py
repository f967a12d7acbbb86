"""The chart in a cluster with IPv6 alone: `run` gives this test a network without IPv4."""

import os
import unittest

from commands import config, run
from rig import Rig
from servers import LOOPBACK, at_loopback

OPERATOR = os.path.join(os.environ["RUST_BINARIES"], "cognito-mfa-operator")
POOL = "eu-west-1_Six"


class AClusterWithIpv6Alone(unittest.TestCase):
    def test_has_an_operator_that_is_ready_and_sets_a_pool(self):
        self.assertEqual(LOOPBACK, "::1", "this network has IPv4: run test_ipv6")
        with Rig() as rig, rig.installed("six", {}):
            rig.emulator.pool(POOL)
            rig.create("six", config("customers", POOL))
            rig.until_ready("six", "customers")
            self.assertEqual(rig.emulator.mode(POOL), "ON")
            [pod] = rig.node.pods.values()
            [(_, _, port)] = pod.running
            run(OPERATOR, "probe", at_loopback(port))
