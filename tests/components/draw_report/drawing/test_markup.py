from components.draw_report.drawing.markup import Markup, element


def test_elements_escape_texts_and_attributes_but_not_markup() -> None:
    inner = element("b", "a & b")
    made = element("p", "<", inner, class_="x", data_name='"quoted"', gone=None)
    assert made.text == ('<p class="x" data-name="&quot;quoted&quot;">&lt;<b>a &amp; b</b></p>')
    assert element("img", alt="x") == Markup('<img alt="x">')
