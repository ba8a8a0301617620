"""How little a word looks like one of any language: to tell in which encoding a text is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# The letters of languages beside those of ASCII, and behind a blank the ASCII letters they have not.
_LATIN = {
    "German": "äöüß",
    "French": "àâæçéèêëîïôœùûüÿ",
    "Spanish": "áéíñóúü",
    "Portuguese": "áâãàçéêíóôõú",
    "Italian": "àèéìíîòóùú jkwxy",
    "Dutch": "áéíóúèëïöü",
    "Danish and Norwegian": "æøåé",
    "Swedish and Finnish": "åäöé",
    "Icelandic": "áðéíóúýþæö cqwz",
    "Catalan": "àçèéíïòóúü",
    "Irish": "áéíóú",
    "Polish": "ąćęłńóśźż qvx",
    "Czech": "áčďéěíňóřšťúůýž qwx",
    "Slovak": "áäčďéíĺľňóôŕšťúýž qwx",
    "Hungarian": "áéíóöőúüű qwx",
    "Croatian and Slovene": "čćđšž qwxy",
    "Romanian": "ăâîșțşţ",
    "Turkish": "çğıi̇öşüâîû qwx",
    "Lithuanian": "ąčęėįšųūž qwx",
    "Latvian": "āčēģīķļņšūž qwxy",
    "Estonian": "äõöüšž",
}
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_CYRILLIC = {
    "Russian": _RUSSIAN,
    "Ukrainian": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "Serbian": "абвгдђежзијклљмнњопрстћуфхцчџш",
}
_LETTERS = {
    name: (frozenset(letters.split()[0]), frozenset("".join(letters.split()[1:])))
    for name, letters in _LATIN.items()
}
_VOWELS = frozenset("aeiouyæœøı" + "аеиоуыэюяієїёј" + "αεηιουω")
# What may touch a word without being a letter of it, and what may stand between two of its letters.
_SIGNS = frozenset("’‘“”„«»…–—€°ºª")
_JOINTS = frozenset("’‐·")
_SCRIPTS = {
    "Latin": re.compile("[A-Za-zªº\u00c0-\u024f\u1e00-\u1eff]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Hebrew": re.compile("[\u05d0-\u05ea\u05b0-\u05c7\u05f0-\u05f4]"),
    "Arabic": re.compile("[\u0621-\u06ff]"),
    "Thai": re.compile("[\u0e01-\u0e5b]"),
    "Kana": re.compile("[\u3040-\u30ff\u3400-\u9fff\u3005]"),
    "Halfwidth": re.compile("[\uff61-\uff9f]"),
    "Hangul": re.compile("[\uac00-\ud7a3]"),
    "Fullwidth": re.compile("[\uff00-\uff60]"),
}
# The letters that make up most of a text in these scripts.
_COMMON = {
    "Cyrillic": frozenset("оаеинтсрвлкмдпуяьгзбчйхжшюцщэфіј"[:17]),
    "Greek": frozenset("αοιετσνηυρπκμλςδ"),
    "Hebrew": frozenset("יהולאמרנבתשדםחכק"),
    "Arabic": frozenset("اليمونرتبةعدسفهكحجق"),
}
# Where letters never stand: final ones within a word, others at its end or start, ñ before a consonant.
_NEVER = re.compile(
    "[ךםןףץ](?=[א-ת])|[כמנפצ]$|ς(?=[α-ωά-ώ])|σ$|[ةى](?=[\u0621-\u064a])|^[ً-ْ]|^[\u05b0-\u05c7]"
    "|^[ъыьй](?!о)|[аеиоуыэюя]ь|ъ(?![еёюя])|^[ğð](?=[a-z])|(?<=[^\\W_])þ|õ(?!e)|(?<![aeiouæœ])ï|[ìù](?=\\w)|ÿ"
    "|ã(?![oe]|s?$)|ñ(?![aeiouyáéíóú])|ń(?=[aeiouy])|ăo|ő(?=e)|(?<=[aou])ø|ø(?=[aáéíý])|ř(?=[rgn])|ć(?=[rl])"
    "|æ$|ê$|[ĺŕ](?=[aeiouy])|(?<![b-df-hj-np-tv-xz])[ĺŕ]|(?<=[sj])ų|(?<=j)ę"
)
_LOWER_FIRST = re.compile("^[α-ωά-ώа-яё]")


@lru_cache(maxsize=8192)
def oddness_of(word: str) -> float:
    """How odd a word is: nothing for one that looks like a word of some language."""
    padded = f" {word} "
    odd: float = sum(_odd_place(*padded[at - 1 : at + 2]) for at in range(1, len(padded) - 1))
    signs = [one for one in word if one.isalpha() or unicodedata.combining(one)]
    scripts = {_script(letter) for letter in signs}
    if "" in scripts or len(scripts - {"Fullwidth"}) > 1:
        odd += 2
    if scripts & {"Latin", "Greek", "Cyrillic"} and len(scripts) == 1:
        odd += _of_an_alphabet(word, len(signs))
    if scripts == {"Latin"} and not languages_of(word):
        odd += 2
    if scripts == {"Kana"} or scripts == {"Hangul"}:
        odd += 1.5 * any(map(_is_rare, word))
    if scripts == {"Halfwidth"}:
        odd += 0.7
    return odd + len(_NEVER.findall(word.lower())) + 0.4 * bool(_LOWER_FIRST.match(word))


def _of_an_alphabet(word: str, length: int) -> float:
    plain = "".join(
        one for one in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(one)
    )
    consonants = re.sub(f"[{''.join(sorted(_VOWELS))}]|[^\\w]", " ", plain).split()
    odd = 1.0 * (length > 2 and not any(one in _VOWELS for one in plain))
    return odd + sum(max(0, len(run) - 4) for run in consonants)


def _script(letter: str) -> str:
    return next((name for name, pattern in _SCRIPTS.items() if pattern.match(letter)), "")


def _is_rare(character: str) -> bool:
    """Whether a Chinese, Japanese or Korean sign is none of the usual thousands."""
    for encoding, first, last in (
        ("gb2312", 0xB0, 0xD7),
        ("big5", 0xA4, 0xC6),
        ("cp932", 0x82, 0x97),
        ("euc_kr", 0xB0, 0xC8),
    ):
        encoded = character.encode(encoding, errors="ignore")
        if encoded and first <= encoded[0] <= last:
            return False
    return True


@lru_cache(maxsize=8192)
def languages_of(word: str) -> frozenset[str]:
    """The languages whose letters a word is made of."""
    signs = {one for one in word.lower() if one.isalpha() or one == "\u0307"}
    strange, plain = {one for one in signs if not one.isascii()}, {one for one in signs if one.isascii()}
    scripts = {_script(letter) for letter in signs - {"\u0307"}}
    if scripts == {"Latin"}:
        return frozenset(
            name for name, (own, absent) in _LETTERS.items() if strange <= own and not plain & absent
        )
    if scripts == {"Cyrillic"}:
        return frozenset(name for name, own in _CYRILLIC.items() if signs <= set(own))
    if len(scripts) == 1 and scripts <= _COMMON.keys():
        (script,) = scripts
        common = sum(unicodedata.normalize("NFD", one)[0] in _COMMON[script] for one in word)
        return frozenset(scripts) if common * 2 > len(word) else frozenset()
    return frozenset(scripts) if len(scripts) == 1 else frozenset()


def share_of_one_language(words: Sequence[str]) -> float:
    """Of all words the share that one language has."""
    counts: dict[str, int] = {}
    for word in words:
        for language in languages_of(word):
            counts[language] = counts.get(language, 0) + 1
    return max(counts.values(), default=0) / len(words)


def _odd_place(before: str, character: str, after: str) -> int:
    """How odd a character is where it stands: a sign between letters, a capital beside small ones."""
    if character.isascii():
        return 0
    if character.isalpha():
        return 2 * (character.isupper() and before.isalpha() and (before.islower() or after.islower()))
    if unicodedata.combining(character):
        return 0
    within = before.isalpha() and after.isalpha()
    return 0 if character in (_JOINTS if within else _SIGNS) else 2
