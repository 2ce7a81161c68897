-- The macro search('words'): it reads the words, writes a query for them and runs it. What it finds, and why the
-- query is written: search.py. The macros that spell a word otherwise (search_folded, …) come from there too.
-- A macro's argument is written out wherever it is named: `list_transform([x], lambda y: …)[1]` computes x once.
-- Fields are named word['field'], since arguments of query() know no dots.

-- A word in each of its spellings; in wide letters three, since RE2 is slow to find those in any case.
CREATE OR REPLACE MACRO stored.search_spellings(word) AS
    list_sort(list_distinct(flatten(list_transform(
        [word, stored.search_simplified(word), stored.search_traditional(word)],
        lambda han: [
            han, stored.search_half(han), stored.search_wide(lower(han)), stored.search_wide(upper(han)),
            stored.search_wide(upper(han[1]) || lower(han[2:]))
        ]
    ))));

CREATE OR REPLACE MACRO stored.search_literal(spelling) AS
    array_to_string(list_transform(
        string_split_regex(spelling, '\s+'), lambda piece: regexp_escape(piece)
    ), '\s+');

-- \b and \w know ASCII alone, as is wanted.
CREATE OR REPLACE MACRO stored.search_pattern(spellings, whole) AS
    '(?i)' || array_to_string(list_transform(spellings, lambda spelling:
        CASE WHEN regexp_matches(spelling, '^\w') THEN '\b' ELSE '' END
        || stored.search_literal(spelling)
        || CASE WHEN whole AND regexp_matches(spelling, '\w$') THEN '\b' ELSE '' END
    ), '|');

-- The words of a search. literals: anywhere, quick to find; pattern: where it may begin; whole: where it must end too.
CREATE OR REPLACE MACRO stored.search_words(query) AS
    list_transform(
        list_transform(
            list_filter(
                regexp_extract_all(stored.search_folded(query), '-?"[^"]*"|[^\s"]+'),
                lambda token: regexp_matches(token, '[^-"\s]')
            ),
            lambda token: {
                excluded: starts_with(token, '-'),
                quoted: ends_with(token, '"'),
                spellings: stored.search_spellings(trim(regexp_replace(token, '^-', ''), '" '))
            }
        ),
        lambda word: {
            excluded: word['excluded'],
            literals: list_transform(word['spellings'], lambda spelling:
                CASE WHEN regexp_matches(spelling, '[ａ-ｚＡ-Ｚ]') THEN '' ELSE '(?i)' END
                || stored.search_literal(spelling)
            ),
            pattern: stored.search_pattern(word['spellings'], word['quoted']),
            whole: stored.search_pattern(word['spellings'], true),
            length: length(word['spellings'][1])
        }
    );

CREATE OR REPLACE MACRO stored.search_quoted(value) AS
    chr(39) || replace(value, chr(39), chr(39) || chr(39)) || chr(39);

-- An excerpt is the start of the text, unless the front matter has one.
CREATE OR REPLACE MACRO stored.search_found(word) AS format($$
        (regexp_matches(title, {0}) OR regexp_matches(own_excerpt, {0})
            OR CASE WHEN {1} THEN regexp_matches(text, {0}) ELSE false END)$$,
    stored.search_quoted(word['pattern']),
    array_to_string(list_transform(word['literals'], lambda literal:
        format('regexp_matches(text, {})', stored.search_quoted(literal))
    ), ' OR '));

CREATE OR REPLACE MACRO stored.search_occurrences(word) AS
    format('len(regexp_extract_all(text, {}))', stored.search_quoted(word['pattern']));

-- Most in the title, and the more the shorter it is; one in the excerpt; less than one in the text, by BM25
-- (k1 = 1.2, b = 0.75).
CREATE OR REPLACE MACRO stored.search_score(word) AS format($$
            CASE WHEN regexp_matches(title, {1}) THEN 2.5 + 0.5 * least(1, {2} / length(title))
                WHEN regexp_matches(title, {0}) THEN 1.5 ELSE 0 END
            + CASE WHEN regexp_matches(coalesce(own_excerpt, left(text, excerpt_characters::INTEGER)), {0})
                THEN 1 ELSE 0 END
            + {3} / ({3} + 1.2 * (0.25 + 0.75 * characters / average))$$,
    stored.search_quoted(word['pattern']), stored.search_quoted(word['whole']), word['length'],
    stored.search_occurrences(word));

-- Some words as one pattern.
CREATE OR REPLACE MACRO stored.search_any(words) AS
    stored.search_quoted(array_to_string(list_transform(words, lambda word: word['pattern']), '|'));

-- The query for a search. Its snippets are made outside, of those rows alone that are asked for.
CREATE OR REPLACE MACRO stored.search_query(wanted, excluded) AS CASE
    WHEN len(wanted) = 0 THEN error('search: which words? there are none, or only such as are to be left out')
    ELSE format($$
SELECT score, published_on, state, title, url, path, month, occurrences,
    CASE WHEN start > 1 THEN '…' ELSE '' END
    || trim(regexp_replace(substring(text, start, 160), '\s+', ' ', 'g'))
    || CASE WHEN start + 160 <= length(text) THEN '…' ELSE '' END AS snippet
FROM (SELECT *, greatest(1, strpos(text, regexp_extract(text, {0})) - 40)::BIGINT AS start FROM (
    SELECT published_at, published_on, state, title, url, path, month, text, {1} AS occurrences, round(({2}
        ) / {3}, 2) AS score
    FROM (
        SELECT *, CASE WHEN excerpt_characters IS NULL THEN front_matter ->> '$.excerpt' END AS own_excerpt
        FROM posts JOIN stored.post_bodies USING (month, path)
    )
    CROSS JOIN (SELECT greatest(1, avg(characters)) AS average FROM posts)
    WHERE CASE WHEN {4}
        THEN {5} ELSE false END
    ORDER BY score DESC, published_at DESC, path
))$$,
        stored.search_any(wanted),
        array_to_string(list_transform(wanted, lambda word: stored.search_occurrences(word)), ' + '),
        array_to_string(list_transform(wanted, lambda word: stored.search_score(word)), ' + '),
        len(wanted),
        array_to_string(list_transform(wanted, lambda word: stored.search_found(word)), ' AND '),
        CASE WHEN len(excluded) = 0 THEN 'true' ELSE format($$
            NOT (coalesce(regexp_matches(title, {0}), false) OR coalesce(regexp_matches(own_excerpt, {0}), false)
                OR regexp_matches(text, {0}))$$, stored.search_any(excluded)) END
    ) END;

CREATE OR REPLACE MACRO stored.search_sql(query) AS
    list_transform([stored.search_words(query::VARCHAR)], lambda words: stored.search_query(
        list_filter(words, lambda word: NOT word['excluded']), list_filter(words, lambda word: word['excluded'])
    ))[1];

-- What of a text is found, as a pattern: to mark it.
CREATE OR REPLACE MACRO stored.search_marks(query) AS
    array_to_string(list_transform(
        list_filter(stored.search_words(query::VARCHAR), lambda word: NOT word['excluded']), lambda word: word['pattern']
    ), '|');

CREATE OR REPLACE MACRO search(query) AS TABLE FROM query(stored.search_sql(query));
