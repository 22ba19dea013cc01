-- The views of OUT/corpus.duckdb on top of those of the data sets.

-- One row a record, with what was taken out of it, and without its text.
CREATE VIEW documents AS
WITH removed AS (
    SELECT
        doc_id,
        count(*) AS removed_spans,
        sum(length(text)) AS removed_chars,
        list_sort(list(DISTINCT category)) AS removed_categories
    FROM removals
    GROUP BY doc_id
)
SELECT
    doc_id,
    source,
    url,
    coalesce(site, '') AS site,
    language,
    CAST(published AS DATE) AS day,
    title,
    raw_chars,
    text_chars,
    words,
    coalesce(removed_spans, 0) AS removed_spans,
    CAST(coalesce(removed_chars, 0) AS BIGINT) AS removed_chars,
    coalesce(removed_chars, 0) / greatest(raw_chars, 1) AS removed_share,
    coalesce(removed_categories, []) AS removed_categories,
    content_hash
FROM records LEFT JOIN removed USING (doc_id);

-- Records joined to removals: one row a site, language, day and category.
CREATE VIEW removed_by_category AS
SELECT
    coalesce(site, '') AS site,
    language,
    CAST(published AS DATE) AS day,
    category,
    count(*) AS spans,
    count(DISTINCT doc_id) AS documents,
    CAST(sum(length(removals.text)) AS BIGINT) AS chars
FROM removals JOIN records USING (doc_id)
GROUP BY ALL;

CREATE VIEW daily AS
SELECT
    site,
    language,
    day,
    count(*) AS documents,
    CAST(sum(words) AS BIGINT) AS words,
    CAST(sum(text_chars) AS BIGINT) AS text_chars,
    CAST(sum(removed_chars) AS BIGINT) AS removed_chars,
    sum(removed_chars) / greatest(sum(raw_chars), 1) AS removed_share
FROM documents
GROUP BY ALL;

CREATE VIEW by_site AS
SELECT
    site,
    count(*) AS documents,
    count(DISTINCT language) AS languages,
    min(day) AS first_day,
    max(day) AS last_day,
    CAST(sum(words) AS BIGINT) AS words,
    sum(removed_chars) / greatest(sum(raw_chars), 1) AS removed_share
FROM documents
GROUP BY ALL;

CREATE VIEW by_language AS
SELECT
    language,
    count(*) AS documents,
    count(DISTINCT site) AS sites,
    CAST(sum(words) AS BIGINT) AS words,
    sum(removed_chars) / greatest(sum(raw_chars), 1) AS removed_share
FROM documents
GROUP BY ALL;

CREATE VIEW by_day AS
SELECT
    day,
    count(*) AS documents,
    count(DISTINCT site) AS sites,
    CAST(sum(words) AS BIGINT) AS words,
    sum(removed_chars) / greatest(sum(raw_chars), 1) AS removed_share
FROM documents
GROUP BY ALL;
