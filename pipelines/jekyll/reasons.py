"""Why a file is no post, or not a clean one: every value of `files.reason`, in one place."""

from __future__ import annotations

from typing import Final

NOT_PROCESSED: Final = "not_processed"

IGNORED: Final = {
    "not_a_post_name": "the name has no date or no extension (in a drafts folder: no extension); Jekyll passes over it",
    "special_name": "the name, or the first folder below the posts folder, starts with _ # or ~",
    "hidden_name": "the name, or a folder on the way, starts with a dot",
    "backup": "the name ends with ~",
    "trailing_dot": "the name ends with a dot",
    "excluded": "the configuration's exclude names it",
    "data_file": "a .yml or .yaml file is data to Jekyll, not a post",
    "linked_folder": "a link to a folder; Jekyll does not look inside",
}
"""Jekyll reads no post there."""

REJECTED: Final = {
    "unreadable": "the system refused to open or read it",
    "vanished": "it was gone when it was to be read",
    "not_a_file": "a pipe, socket or device",
    "broken_link": "a link to nothing",
    "link_leaves_site": "a link to a place outside the site; never opened",
    "too_large": "larger than the limit for a file",
    "not_decodable": "its bytes are not text in the site's encoding",
    "name_not_decodable": "its name is not UTF-8; Jekyll would abort",
    "front_matter_broken": "its YAML is broken and could not be salvaged without guessing",
    "front_matter_too_large": "its front matter, aliases expanded, is beyond a limit of size, values or nesting",
    "too_many_terms": "it has more categories or tags than the limit",
    "bad_categories": "categories is a number, a boolean, a date or a map; Jekyll cannot read the file",
    "bad_date": "the date is none; Jekyll would abort its build",
    "no_date": "there is no date in the name nor in the front matter; Jekyll would take the build's clock",
    "bad_permalink": "no url can be made of its permalink or categories; Jekyll would abort its build",
    "url_too_long": "its url is longer than the limit",
    NOT_PROCESSED: "reading it took too much time or memory, or met a fault of Backfile; see detail",
}
"""A post that cannot be trusted."""

NOT_CLEAN: Final = {
    "salvaged": "a post whose front matter is broken YAML; its plain lines were read, see detail",
}
"""A post all the same."""

REASONS: Final = IGNORED | REJECTED | NOT_CLEAN
