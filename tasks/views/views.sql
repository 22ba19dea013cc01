-- The views of OUT/corpus.duckdb on top of those of the data sets.

-- One row a record, with what was taken out of it, and without its text. Of records that share an id nobody can tell whose
-- a removal is: they have a part each, by their lengths, so that sums count it once.
CREATE VIEW documents AS
WITH removed AS (
    SELECT
        doc_id,
        count(*) AS spans,
        sum(length(text)) AS chars,
        list_sort(list(DISTINCT category)) AS categories
    FROM removals
    GROUP BY doc_id
),
ids AS (SELECT doc_id, greatest(sum(raw_chars), 1) AS id_chars FROM records GROUP BY doc_id)
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
    CAST(round(coalesce(spans, 0) * raw_chars / id_chars) AS BIGINT) AS removed_spans,
    CAST(round(coalesce(chars, 0) * raw_chars / id_chars) AS BIGINT) AS removed_chars,
    coalesce(chars, 0) / id_chars AS removed_share,
    coalesce(categories, []) AS removed_categories,
    content_hash
FROM records LEFT JOIN removed USING (doc_id) JOIN ids USING (doc_id);

-- Records joined to removals: one row a site, language, day and category.
CREATE VIEW removed_by_category AS
WITH ids AS (SELECT doc_id, greatest(sum(raw_chars), 1) AS id_chars FROM records GROUP BY doc_id)
SELECT
    coalesce(site, '') AS site,
    language,
    CAST(published AS DATE) AS day,
    category,
    CAST(round(sum(raw_chars / id_chars)) AS BIGINT) AS spans,
    count(DISTINCT doc_id) AS documents,
    CAST(round(sum(length(removals.text) * raw_chars / id_chars)) AS BIGINT) AS chars
FROM removals JOIN records USING (doc_id) JOIN ids USING (doc_id)
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
