"""Results of the editor, read by the peer's own client (T5): what is exported here opens there."""

import copy
import json
import pathlib
import unittest

from label_studio_sdk.label_interface import LabelInterface

EXCHANGE = pathlib.Path(__file__).parent.parent / "fixtures" / "exchange"


class Exchange(unittest.TestCase):
    def setUp(self):
        # What the editor exports after an alignment; the browser test T12 compares it with its own.
        self.case = json.loads((EXCHANGE / "aligned.json").read_text())
        self.interface = LabelInterface(self.case["config"])

    def test_t5_the_config_is_valid_for_the_peer(self):
        self.interface.validate()

    def test_t5_regions_made_under_an_alignment_are_valid_with_the_same_bounds(self):
        result = self.case["result"]
        self.assertTrue(self.interface.validate_annotation({"result": copy.deepcopy(result)}))
        value = result[0]["value"]
        self.assertEqual((value["start"], value["end"]), (4, 4.4))
        self.assertIn("sync", result[0]["meta"])

    def test_t5_the_check_tells_a_wrong_label(self):
        result = copy.deepcopy(self.case["result"])
        result[0]["value"]["timeserieslabels"] = ["Swim"]
        self.assertFalse(self.interface.validate_annotation({"result": result}))


if __name__ == "__main__":
    unittest.main()
