"""The categories under which a span can leave a document's text, with what each one means."""

#: Category to meaning, in the order in which reports list them.
CATEGORIES: dict[str, str] = {
    "title": "the document's own headline; moved to its column",
    "byline": "who wrote it; moved to its column",
    "dateline": "when (and where) it was published or updated; moved to its column",
    "attribution": "the agency or outlet named as the source; moved to its column",
    "cookie_notice": "consent banners and notices on cookies and tracking",
    "donation_appeal": "the site asks for money or membership to support itself",
    "link_list": "headlines, teasers and headings that lead to other pages",
    "read_more": "one line inside the article that points to another page",
    "language_menu": "choosers of the site's language or edition",
    "navigation": "menus, breadcrumbs, section labels, page numbers, print and search controls",
    "share_bar": "share buttons and invitations to follow a social or messaging channel",
    "newsletter_signup": "newsletter offers and their forms",
    "paywall": "subscription offers, log-in walls, 'continue reading'",
    "comment_section": "comment forms, rules, counts and the comments themselves",
    "legal_notice": "copyright, disclaimers, imprint, terms, licences",
    "contact": "hotlines, tip lines, addresses, corrections desk, feedback",
    "advertisement": "ad labels, sponsored lines, shopping offers",
    "app_promo": "offers to install the site's app or allow notifications",
    "tag_list": "topic and keyword lists of the document",
    "caption": "picture and video texts and their credits",
    "reading_time": "minutes to read, listen buttons, view counters",
    "duplicate": "a repetition of the title, the lead or a passage of the same document",
    "separator": "rules, asterisks and other ornaments",
    "boilerplate": "found by the line model alone; no rule names it",
}

#: Categories that are moved to a column of the record rather than dropped.
METADATA_CATEGORIES = ("title", "byline", "dateline", "attribution")
