"""The quick parser builds the trees the strict one builds, and no fault hides behind a shape seen before."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from tests import reading_pages
from tests.reading_pages import faults_of, kept_in, sound_tree_of, tree_of

START = "<!doctype html><title>x</title>"
SOUND = START + "<table><tr><td class=a>words</table><p title='b'>more <b>words</b><input type=hidden>"


def flat(tree: Element) -> list[tuple[str, dict[str, str], str, str]]:
    return [
        (
            str(one.tag).rpartition("}")[2],
            {str(name): value for name, value in one.attrib.items()},
            one.text or "",
            one.tail or "",
        )
        for one in tree.iter()
    ]


@pytest.mark.parametrize(
    "html",
    [
        SOUND,
        "<form id=f><input disabled value><textarea>\n\nx</textarea><select><option>a<option selected>b",
        "<table>x<tr><td>y<form><td>z</form></table><p>c<p>d</i>e",
        '"><x onx=1><img src=x onerror=alert(1)>',
        "</textarea></title></script></option></select><x>--><y>]]><z>",
        "<svg onload=1><a href=//evil.example></svg><script>if (a < b) '</p>'</script>&lt;&amp;&nosuch;&#0;",
        "<p 'a\"=1 a=2 a=3 b='><i>' c=\"\">\u200b\ufeff٣",
    ],
)
def test_it_reads_a_page_as_the_strict_parser_does(html: str) -> None:
    assert flat(tree_of(html)) == flat(html5lib.parse(html))


def test_what_is_in_a_template_is_read_too() -> None:
    tree = tree_of("<body><template><tr><td onclick=1>a<template><i>b</i></template></template>")
    assert [one.tag for one in tree.iter()][-5:] == ["template", "tr", "td", "template", "i"]


@pytest.mark.parametrize(
    "html",
    [
        SOUND.replace("words</table>", "words</td></td></table>"),
        SOUND.replace("<table>", "<table><p>words</p>"),
        SOUND.replace("more", "more & <"),
        SOUND.replace("more", "more &nosuch;"),
        SOUND.replace("more", "more\x01"),
        SOUND.replace("title='b'", 'title="\x01"'),
        SOUND.replace("title='b'", "title='b' title='b'"),
        SOUND.replace("title='b'", 'title="b"id="c"'),
        SOUND.replace("title='b'", 'title="&nosuch;"'),
        SOUND.replace("<table>", "<table><input type=text>"),
        SOUND.replace(START, ""),
    ],
)
def test_a_fault_is_found_after_a_sound_page_of_nearly_the_same_shape(html: str) -> None:
    for sound in (SOUND, SOUND.replace("'", '"'), SOUND.replace("<table>", "<table> ")):
        sound_tree_of(sound)
    assert faults_of(html)
    with pytest.raises(AssertionError):
        sound_tree_of(html)


def test_only_what_is_sound_is_kept_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "of_bytecode" / "sound_pages"
    monkeypatch.setattr(reading_pages, "KEPT", file)
    monkeypatch.setattr(reading_pages, "_SOUND", kept_in(file))
    assert (
        faults_of(f"{SOUND}<i>x</i>") == faults_of(f"{SOUND}<b>x</b>") == faults_of(f"{SOUND}<b>y</b>") == []
    )
    assert faults_of(f"{SOUND}</i>")
    kept = kept_in(file)
    assert len(kept) == 2
    # Another run: nothing is read strictly that was sound, and what was not is found again.
    monkeypatch.setattr(reading_pages, "_SOUND", kept)
    assert faults_of(f"{SOUND}</i>")
    monkeypatch.setattr(html5lib, "HTMLParser", None)
    assert faults_of(f"{SOUND}<i>x</i>") == []
