"""Lists and labels of outsiders: names in remarks, damaged letters, models and signs written otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.identifiers.barcodes import label_text
from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.records.catalog import CATALOG
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import read_records
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.test_evidence import (
    GRACE,
    NIAMH,
    OWEN,
    PEOPLE,
    THREE,
    bound,
    for_whom,
    report_of,
)
from tests.pure.list_import.test_unit_matching import A, B, an_order
from tests.pure.list_import.test_variants import asked


@pytest.mark.parametrize("head", ["Attn", "Label", "Memo", "Column 2"])
@pytest.mark.parametrize("before", ["Attn: ", "z.Hd. ", "FAO ", "for ", "für ", "t.a.v. ", "c/o "])
def test_a_name_behind_a_word_that_means_for_is_whom_the_device_is_for(head: str, before: str) -> None:
    text = f"MAC;{head}\n{A};{before}{NIAMH}\n{B};{before}{GRACE}"
    if recognised(read_text(text), Names(PEOPLE)).unclear:
        return  # it is asked what the column means
    report = report_of(text, PEOPLE)
    assert set(for_whom(report).items()) <= {(NIAMH, A), (GRACE, B)}
    assert set(for_whom(report).values()) | set(asked(report)) == {A, B}


@pytest.mark.parametrize(
    "remark",
    [
        f"desk of {NIAMH}, 2nd floor",
        f"Yealink T54W {NIAMH}",
        f"for {NIAMH} (was {GRACE})",
        f"{OWEN} or {NIAMH}",
    ],
)
@pytest.mark.parametrize("head", ["Remark", "Description"])
def test_a_name_among_other_words_is_asked_about(head: str, remark: str) -> None:
    report = report_of(f"MAC;{head}\n{A};{remark}\n{B};{OWEN}", PEOPLE)
    assert A not in for_whom(report).values()
    assert A in asked(report)


@pytest.mark.parametrize(
    "model", ["SIP-T54W", "SIP T54W", "Yealink T54W", "Yealink SIP-T54W", "T54W", "SIPT54W"]
)
@pytest.mark.parametrize("listed", ["T54W", "SIP-T54W", "Yealink T54W", "yealink sip-t54w", "T-54W"])
def test_a_model_is_the_same_with_and_without_its_make_and_sip(model: str, listed: str) -> None:
    order = an_order((model, 1, "deskphone", "Yealink"), ("T33G", 1, "deskphone", "Yealink"))
    report = report_of(f"Model;MAC\nT33G;{B}\n{listed};{A}", order)
    assert bound(report) == {f"{model} #1": A, "T33G #1": B}


@pytest.mark.parametrize("serial", ["T54W", "SIP-T54W", "sip t54w"])
def test_a_model_in_the_column_of_serial_numbers_is_none(serial: str) -> None:
    report = report_of(f"Model;MAC;Serial\nT54W;{A};{serial}", THREE)
    assert [match.identifier.serial for match in report.matched] == [None]


def test_wide_letters_are_letters() -> None:
    report = report_of("MAC;Serial\n８０５ＥＣ０７Ａ０Ａ０１;ＳＮ１２３４", THREE)
    assert list(bound(report).values()) == ["805ec07a0a01"]
    assert [match.identifier.serial for match in report.matched] == ["SN1234"]


@pytest.mark.parametrize(
    "name", ["JÃ¼rgen GroÃŸ", "Å\x81ukasz", "J\ufffdrgen Gro\ufffd", "ZoÃ« NuÃ±ez", "MÃ¼ller, JÃ¼rgen"]
)
def test_damaged_letters_are_never_stored(name: str) -> None:
    (record,) = read_records(f"Name;E-mail\n{name};j@example.com", EMPLOYEES).records
    assert record.problems
    assert record.text("name") is None


@pytest.mark.parametrize("name", ["Jürgen Groß", "Łukasz Żółty", "Ñandú", "Ãlvaro", "Zoë “Z” Nuñez", "Đào"])
def test_sound_letters_are_not_damaged(name: str) -> None:
    (record,) = read_records(f"Name;E-mail\n{name};j@example.com", EMPLOYEES).records
    assert (record.text("name"), record.problems) == (name, ())


@pytest.mark.parametrize("sku", ["1-Mar", "01.Mrz", "Mar-21", "3-Dec-2021", "1. Dez"])
def test_a_code_that_became_a_day_is_refused(sku: str) -> None:
    text = f"SKU;Make;Model;Kind;Price\n{sku};Logi;C925;accessory;10,00"
    (record,) = read_records(text, CATALOG).records
    assert any("a day" in sentence for sentence in record.problems)


IMEI = "352099001761481"
SCANS: dict[str, dict[str, Any]] = {
    sign: {"text": f"{sign}21ABC1234{sign}8002{IMEI}"}
    for sign in (
        "<GS>",
        "{GS}",
        "[GS]",
        "^]",
        "\\x1d",
        "\\u001d",
        "_x001D_",
        "<0x1D>",
        "<FNC1>",
        "\u241d",
        "%1D",
    )
}


@pytest.mark.parametrize("sign", SCANS)
def test_signs_that_a_scanner_writes_out_separate_the_elements(sign: str) -> None:
    (found,) = harvest(label_text(SCANS[sign]["text"])).identifiers
    assert [reading.value for reading in found.readings] == [IMEI]
    assert "ABC1234" in label_text(SCANS[sign]["text"])
