"""Encodings as a site's configuration names them: Ruby's names, and the codec for each.

What belongs elsewhere: decoding a file (`documents`).

Source: Ruby 3.1's `Encoding.name_list`; `Utils.merged_file_read_opts`, `Site#configure_file_read_opts`.
"""

from __future__ import annotations

import codecs
from typing import Final

UTF_8: Final = "utf-8"
UNMARKED: Final = "utf-8-sig"
"""UTF-8 from whose beginning a byte order mark is taken away, by Python's name for it."""

_NAMES: Final = """
646 ansi_x3.4-1968 ascii ascii-8bit big5 big5-hkscs big5-uao binary cesu-8 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255
cp1256 cp1257 cp1258 cp437 cp50220 cp50221 cp51932 cp65000 cp65001 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp860
cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp878 cp932 cp936 cp949 cp950 cp951 cswindows31j ebcdic-cp-us
emacs-mule euc-cn euc-jis-2004 euc-jisx0213 euc-jp euc-jp-ms euc-kr euc-tw euccn eucjp eucjp-ms euckr euctw external
filesystem gb12345 gb18030 gb1988 gb2312 gbk ibm037 ibm437 ibm720 ibm737 ibm775 ibm850 ibm852 ibm855 ibm857 ibm860
ibm861 ibm862 ibm863 ibm864 ibm865 ibm866 ibm869 iso-2022-jp iso-2022-jp-2 iso-2022-jp-kddi iso-8859-1 iso-8859-10
iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6
iso-8859-7 iso-8859-8 iso-8859-9 iso2022-jp iso2022-jp2 iso8859-1 iso8859-10 iso8859-11 iso8859-13 iso8859-14
iso8859-15 iso8859-16 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 koi8-r koi8-u
locale maccenteuro maccroatian maccyrillic macgreek maciceland macjapan macjapanese macroman macromania macthai
macturkish macukraine pck shift_jis sjis sjis-docomo sjis-kddi sjis-softbank stateless-iso-2022-jp
stateless-iso-2022-jp-kddi tis-620 ucs-2be ucs-4be ucs-4le us-ascii utf-16 utf-16be utf-16le utf-32 utf-32be
utf-32le utf-7 utf-8 utf-8-hfs utf-8-mac utf8-docomo utf8-kddi utf8-mac utf8-softbank windows-1250 windows-1251
windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 windows-31j windows-874
"""
_KNOWN: Final = frozenset(_NAMES.split())

_OTHERWISE: Final = {
    **dict.fromkeys(("ascii-8bit", "binary", "external", "filesystem", "locale"), UTF_8),
    **dict.fromkeys(("utf-8-hfs", "utf-8-mac", "utf8-docomo", "utf8-kddi", "utf8-mac", "utf8-softbank"), UTF_8),
    **dict.fromkeys(("cswindows31j", "pck", "windows-31j"), "cp932"),
    **dict.fromkeys(("cp51932", "euc-jp-ms", "eucjp-ms"), "euc_jp"),
    "cp878": "koi8-r",
    "ibm720": "cp720",
    "ibm737": "cp737",
    "maccenteuro": "mac_latin2",
    "maccroatian": "mac_croatian",
    "macromania": "mac_romanian",
    "windows-874": "cp874",
}
"""Those that Python calls by another name, or Jekyll reads as UTF-8."""


def codec(written: str) -> str | None:
    """Python's codec for the name; None where files in it cannot hold front matter, or Python has none.

    A name that Ruby does not know is passed over with a warning, and so UTF-8; not the name of a conversion that is no
    encoding of text at all (`zip`, `hex`), which can only be a mistake. Only of names that begin with `utf-` a
    byte order mark is no part of the text.
    """
    name = written.lower().removeprefix("bom|").partition(":")[0] or UTF_8
    if name not in _KNOWN:
        return None if _is_no_encoding(name) else UTF_8
    if name == UTF_8 or (name.startswith("utf-8") and name in _OTHERWISE):
        return UNMARKED
    try:
        found = codecs.lookup(_OTHERWISE.get(name, name))
        return found.name if found.decode(b"---\n")[0] == "---\n" and name != "utf-7" else None
    except (LookupError, UnicodeError):
        return None


def _is_no_encoding(name: str) -> bool:
    """Return whether Python knows the name, and as something that turns no bytes into text."""
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    try:
        b"---\n".decode(name)
    except (LookupError, ValueError):
        return True
    return False
