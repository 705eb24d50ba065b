import unittest


class SumTest(unittest.TestCase):
    def setUp(self):
        self.values = [1, 2]

    def test_sum(self):
        self.assertEqual(sum(self.values), 3)

    def test_wrong(self):
        self.assertEqual([1, 2, 3], [1, 2, 4], "the lists")

    def test_error(self):
        {}["missing"]

    @unittest.skip("not yet")
    def test_skipped(self):
        pass

    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
