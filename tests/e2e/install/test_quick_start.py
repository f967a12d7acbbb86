"""What docs/quick-start-kind.md says from its third step on leads to a pool that is corrected: without an AWS account, with
an image and a cluster that are there already."""

import unittest

import newcomer
from commands import wait_until
from rig import Rig

PAGE, POOL = "docs/quick-start-kind.md", "eu-west-1_AbCdEf123"


class ANewcomerWithoutAnAccount(unittest.TestCase):
    def test_gets_a_pool_corrected_by_the_commands_of_the_quick_start(self):
        start_emulator, install = newcomer.under(PAGE, "Without an AWS account")
        self.assertIn("--listen 0.0.0.0:8001", start_emulator)
        with Rig() as rig:
            steps = [*newcomer.under(PAGE, "3. The operator"), install, *newcomer.under(PAGE, "4. An object that only reports"),
                     *newcomer.under(PAGE, "Check"), *newcomer.under(PAGE, "5. Let it write")]
            host, port = rig.emulator.address.split(":")
            newcomer.run(*(step.replace("8001", port) for step in steps), HOST=host, POOL=POOL)
            wait_until(lambda: rig.object("team-a", "customers")["status"].get("corrections"), "the correction")
            self.assertEqual(rig.emulator.mode(POOL), "OPTIONAL")
