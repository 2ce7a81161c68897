"""The tokens that hostile files are made of: what has a meaning in a language that posts or configurations speak."""

from __future__ import annotations

from typing import Final

MARKDOWN: Final = (
    "*", "**", "_", "__", "`", "``", "```", "~", "~~", "~~~", "#", "# ", "=", "-", "---", "***", "+ ", "* ",
    "- ", "1. ", "1) ", "> ", ">", "|", "|-", "|a|b\n", ":-:|", ": ", "\\", "\\\\", "[", "]", "![", "](", "](<",
    "][", "]:", "[a]: ", "[a]", "[^", "[^1]", "[^1]: ", "(", ")", '"', "'", "$$", "{:", "{: ", "}", "{::",
    "{:/}", "{:toc}", "{::nomarkdown}", "{::comment}", "*[a]: ", "<http://a>", "<a@b>", "    ", "\t", "  \n",
    "--", "...", "<<", ">>", "* * *", "{#a}", "{:.a}", "^", "&", "~~~a\n", "```a\n",
)  # fmt: skip
HTML: Final = (
    "<", ">", "</", "/>", "<!", "<!-", "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<a ", "<a href=",
    '<a href="', "<a>", "</a>", "<b>", "</b>", "<b", "<p>", "</p>", "<div>", "</div>", "<div",
    "<div markdown=1>", "<br>", "<img ", '<img src="a">', "<script>", "</script>", "<script", "<style", "<pre>",
    "</pre>", "<code>", "<td>", "<table>", "<textarea>", "<title>", "<li>", "<h1>", "<!DOCTYPE", "href=",
    "src=", "=", '="', "='", "&#", "&#x", "&amp;", "&a", "&lt", ";", "<a href=//b>c</a>", "<iframe>",
    "<svg/onload=", "\x00",
)  # fmt: skip
LIQUID: Final = (
    "{{", "}}", "{%", "%}", "{%-", "-%}", "{{ '", "{% raw %}", "{% endraw %}", "{% comment %}",
    "{% endcomment %}", "{% highlight a %}", "{% endhighlight %}", "{% if a %}", "{% endif %}",
    "{% post_url a %}", "{% link a %}", "{{ site.url }}", "{{ a | b: 'c' }}", "{% include a %}", "{",
)  # fmt: skip
YAML: Final = (
    "[", "]", "{", "}", ",", ":", ": ", "- ", "? ", "|", ">", "|+\n ", "&a ", "*a", "*a ", "<<: ", "!", "!!",
    "!!str ", "%", "@", "`", "#", " #", '"', "'", "\\", "\\u0041", "a: ", "a: [", "- - ", "\n", "\n ", "\n- ",
    "\na: ", "\n---\n", "~", "null", "0x", "_", "0b1", "1:", ".", "e+1", "1_", "+", "0", "\t",
)  # fmt: skip
URLS: Final = (
    "http://", "https://a.b/", "//", "://", "http://a.b/?", "&utm_source=a", "%", "%2", "%41", "%ff", "#", "?",
    "@", "../", "./", "/", "http://[::", "http://xn--a.", "http://é.b/", "mailto:", "javascript:", "data:,",
    "://a:1@", ".", "http://a.b/c ", "(http://a.b)", "<http://é.b/>", "[a](http://é.b/) ",
)  # fmt: skip
DATES: Final = (
    "2022-04-15", "2022", "-", ":", "/", "12:30", " 12:30:45", ".5", "+0800", "Z", "UTC", "GMT+8", "T", "PM",
    "Apr", "15th", "Friday", "'", "H30.", "1.", "BC", "(", ")", "99", "0",
)  # fmt: skip
PERMALINKS: Final = (
    ":title", ":slug", ":categories", ":slugified_categories", ":path", ":name", ":year", ":output_ext",
    ":title_", "/", "//", ".", "..", "./", "../", ":", "::", ":a", "%", "é", " ", "-", ".html", "a:",
)  # fmt: skip
TOML: Final = (
    "[", "]", "[[", "]]", "{", "}", "=", "a=", "a = [", "a={", '"', '"""', "'", "'''", "\\", "\\u0041", ".",
    "a.", "#", "\n", ",", "1", "0x", "1e", "_", "[a]\n", "[[a]]\n", "a=1\n", "[rules]\n", "[[rules.hosts]]\n",
    "-",
)  # fmt: skip
OTHERS: Final = (
    "a", "A", " ", "\n", "\n\n", "\r", "\r\n", "é", "中", "文章来源\uff1a", "\uff08", "。", "\u3000", "\u202e",
    "\U0001d4b3", "\ufeff", "1",
)  # fmt: skip
"""Letters, blanks and line ends: what stands between tokens of any language."""

BODY: Final = (*MARKDOWN, *HTML, *LIQUID, *URLS, *OTHERS)
VALUE: Final = {
    "title": (*YAML, *OTHERS, *HTML),
    "date": (*DATES, *YAML),
    "slug": (*PERMALINKS, *OTHERS),
    "permalink": (*PERMALINKS, *OTHERS),
    "categories": (*YAML, *OTHERS, *HTML),
    "tags": (*YAML, *OTHERS, *HTML),
    "category": (*YAML, *PERMALINKS),
    "layout": YAML,
    "published": YAML,
    "excerpt": (*YAML, *MARKDOWN),
    "excerpt_separator": (*OTHERS, *HTML),
    "source": (*URLS, *YAML),
    "x": (*YAML, *OTHERS),
}
"""The keys of front matter that mean something, each with the tokens that matter to its value."""
