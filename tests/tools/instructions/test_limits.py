"""The judge of the counts is right."""

import unittest

from limits import Work, above, below, growing, renewed


def work(name, count, units=1):
    return Work(name, units, count, "profile")


class Judge(unittest.TestCase):
    def test_a_count_up_to_its_limit_passes_and_one_above_does_not(self):
        self.assertEqual(list(above([work("a", 100)], {"a": 100})), [])
        [found] = above([work("a", 120)], {"a": 100})
        self.assertIn("a: 120 instructions, 20% above the limit of 100", found)

    def test_a_count_far_below_its_limit_is_told(self):
        self.assertEqual(list(below([work("a", 100)], {"a": 119})), [])
        [found] = below([work("a", 100)], {"a": 130})
        self.assertIn("a: 100 instructions, far below the limit of 130", found)

    def test_work_without_a_limit_and_a_limit_without_work_are_found(self):
        found = list(above([work("new", 1)], {"old": 1}))
        self.assertEqual([line.split(":")[0] for line in found], ["new", "old"])

    def test_one_of_many_may_cost_as_much_as_one_of_few_and_not_much_more(self):
        few = work("a at 1000", 1_000_000, 1_000)
        self.assertEqual(list(growing([few, work("a at 10000", 11_000_000, 10_000)])), [])
        [found] = growing([few, work("a at 10000", 100_000_000, 10_000)])
        self.assertIn("10.00 times", found)

    def test_a_new_limit_has_headroom_and_one_that_fits_stays(self):
        done = [work("new", 123_456), work("fits", 100), work("grown", 100), work("shrunk", 100)]
        limits = renewed(done, {"fits": 115, "grown": 101, "shrunk": 200, "gone": 1})
        self.assertEqual(limits, {"new": 136_000, "fits": 115, "grown": 110, "shrunk": 110})


if __name__ == "__main__":
    unittest.main()
