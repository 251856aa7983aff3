from platform_site.text.compare import segments


def test_equal_texts_have_one_piece():
    assert segments("工会", "工会") == ([("same", "工会")], [("same", "工会")])
    assert segments("", "") == ([], [])


def test_chinese_is_compared_by_character_and_numbers_whole():
    old, new = segments("覆盖职工12000人。", "覆盖职工15600人。")
    assert old == [("same", "覆盖职工"), ("del", "12000"), ("same", "人。")]
    assert new == [("same", "覆盖职工"), ("ins", "15600"), ("same", "人。")]


def test_pieces_put_together_are_the_texts():
    old, new = "一\n二\n三", "一\n三三\n四\n"
    left, right = segments(old, new)
    assert "".join(text for _, text in left) == old
    assert "".join(text for _, text in right) == new


def test_long_paragraphs_are_compared_whole():
    left, right = segments("甲" * 5000, "乙" * 5000)
    assert [kind for kind, _ in left] == ["del"]
    assert [kind for kind, _ in right] == ["ins"]
