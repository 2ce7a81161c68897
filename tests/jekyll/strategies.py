"""What front matter may look like: lines near to what people write, and what breaks them."""

from __future__ import annotations

from hypothesis import strategies as st

KEYS = st.sampled_from(
    ["title", "date", "tags", "categories", "layout", "x-y", "a_b", "yes", "null", "on", "Key", "1", "~"]
)
ATOMS = st.sampled_from(
    [
        "a", "B", "é", "财", "经", "　", "\u00a0", " ", "  ", "\t", ":", ": ", ",", "-", "- ", "?", "? ", "#",
        " #", "&", "*",
        "!", "|", ">", "'", '"', "%", "@", "`", "[", "]", "{", "}", "\\", "~", ".", "..", "1", "0", "7",
        "12:30", "1,2", "0x1f",
        "1_000", "1.5", "1e3", "true", "no", "Null", "<<", "=", "/", "2022-04-15", "2022-04-15 10:11:12",
        "2022-04-15T10:11:12Z",
        "+0800", "2022-02-30", "\x85", "\u2028", "\ufeff", "\x07", "🎉", "(", ")", ";", "$",
    ]
)  # fmt: skip
VALUES = st.lists(ATOMS, max_size=3).map("".join)
QUOTED = st.tuples(st.sampled_from(['"', "'"]), VALUES).map(lambda p: p[0] + p[1] + p[0])
FLOW = st.lists(st.one_of(VALUES, QUOTED), max_size=4).map(lambda items: "[" + ", ".join(items) + "]")
WRITTEN = st.one_of(VALUES, QUOTED, FLOW)
LINES = st.one_of(
    st.tuples(KEYS, st.sampled_from([":", ": ", ":  ", " : ", ":\t"]), WRITTEN).map("".join),
    st.tuples(st.sampled_from(["- ", "  - ", "    - ", "-", " "]), WRITTEN).map("".join),
    st.sampled_from(["", " ", "# note", "tags:", "x:", "--- a", "..."]),
    VALUES,
)
PLAIN_LINES = st.tuples(st.sampled_from(["title", "date", "tags", "a_b"]), st.just(": "), WRITTEN).map("".join)
HEADS = st.lists(st.one_of(PLAIN_LINES, PLAIN_LINES, LINES), max_size=4).map(
    lambda lines: "---\n" + "".join(f"{line}\n" for line in lines)
)
