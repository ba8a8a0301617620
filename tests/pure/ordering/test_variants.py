"""What was chosen of a model, in words."""

from __future__ import annotations

from hwadmin.domain.ordering.variants import term_in_words, variant_words, with_variant


def test_what_was_chosen_is_named_in_one_order_and_what_was_not_is_left_out() -> None:
    assert variant_words("128 GB", "black", 24, "Vox") == ["128 GB", "black", "24 months", "Vox"]
    assert variant_words("", "black", 0, None) == ["black"]
    assert variant_words(None, None, None, "") == []


def test_none_is_a_term_too() -> None:
    assert term_in_words(24) == "24 months"
    assert term_in_words(0) == term_in_words(None) == "No term"


def test_a_model_is_named_with_what_was_chosen_of_it() -> None:
    assert (
        with_variant("Apple iPhone 17", "512 GB", "Blue", 24, None)
        == "Apple iPhone 17 (512 GB, Blue, 24 months)"
    )
    assert with_variant("T54W", None, None, None, None) == "T54W"
    assert with_variant("T54W", None, None, None, None, from_spare=True) == "T54W (from spares)"
