import unittest
from unittest import mock


class Test(unittest.TestCase):
    def test_mock(self):
        with mock.patch("builtins.input", return_value="x"):
            self.assertEqual(input("?"), "x")
        with self.assertRaises(ZeroDivisionError):
            1 / 0
        with self.assertLogs() as logs:
            import logging

            logging.error("x")


unittest.main()
