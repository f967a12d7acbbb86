"""What the README's section Install says leads to an object that is Ready. Each way has a control plane of its own; Argo
CD's is among the tests of Argo CD."""

import os
import unittest

import newcomer
from rig import Rig

POOL = "eu-west-1_AbCdEf123"  # the README's


class ANewcomer(unittest.TestCase):
    def test_gets_an_object_ready_by_the_commands_of_the_readme(self):
        way = newcomer.ways()[os.environ["WAY"]]
        with Rig() as rig:
            rig.emulator.pool(POOL)
            newcomer.run(way, *newcomer.afterwards())
            self.assertEqual(rig.image(), f"{newcomer.REPOSITORY}:{newcomer.TAG}")
            self.assertEqual(rig.emulator.mode(POOL), rig.object("team-a", "audited")["spec"]["mfaConfiguration"])
