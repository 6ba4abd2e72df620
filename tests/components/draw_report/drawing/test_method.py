from support.report import parsed

from components.draw_report.drawing.method import LABELS_AT, method_drawing


def test_the_drawing_is_well_formed_whatever_the_labels_are() -> None:
    for labels in ([], ["one"], ["<b>", "a very long name of a label indeed", "c", "d", "e"]):
        text = method_drawing(b"jpeg", labels).text
        parsed(text)
        assert text.count("<circle") == 1 + min(len(labels), len(LABELS_AT))
        assert "<b>" not in text
        assert "a very long name of a label" not in text
