CREATE TABLE IF NOT EXISTS picture_file (
    sha256 TEXT PRIMARY KEY,
    jpeg BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS request (
    request_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER,
    seller_id TEXT,
    ad_id TEXT,
    internal_number TEXT,
    insertion_id TEXT,
    fault TEXT
);

CREATE TABLE IF NOT EXISTS mail (
    mail_id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    raw BLOB NOT NULL
);

-- Files that were imported, refused ones too: the books of the file portal.
CREATE TABLE IF NOT EXISTS file_generation (
    generation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_number TEXT NOT NULL,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    via TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    refused TEXT,
    accepted INTEGER NOT NULL DEFAULT 0,
    hinted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS file_vehicle (
    customer_number TEXT NOT NULL,
    folder TEXT NOT NULL,
    number TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_in INTEGER NOT NULL REFERENCES file_generation,
    deleted_in INTEGER REFERENCES file_generation
);
CREATE UNIQUE INDEX IF NOT EXISTS file_vehicle_online ON file_vehicle (customer_number, folder, number)
    WHERE deleted_in IS NULL;

CREATE TABLE IF NOT EXISTS file_key (
    customer_number TEXT NOT NULL,
    public_key TEXT NOT NULL
);

-- Feeds that catalogues fetch, each fetch, and the rows of the file that was taken last.
CREATE TABLE IF NOT EXISTS catalogue_feed (
    feed_id INTEGER PRIMARY KEY AUTOINCREMENT,
    catalogue TEXT NOT NULL,
    url TEXT NOT NULL,
    etag TEXT NOT NULL DEFAULT '',
    UNIQUE (catalogue, url)
);

CREATE TABLE IF NOT EXISTS catalogue_fetch (
    fetch_id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed_id INTEGER NOT NULL REFERENCES catalogue_feed,
    at TEXT NOT NULL,
    status INTEGER NOT NULL,
    refused TEXT,
    accepted INTEGER NOT NULL,
    hinted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    deleted INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue_row (
    feed_id INTEGER NOT NULL REFERENCES catalogue_feed,
    line INTEGER NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    link TEXT NOT NULL,
    is_taken INTEGER NOT NULL,
    findings TEXT NOT NULL,
    PRIMARY KEY (feed_id, line)
) WITHOUT ROWID;

-- What each vehicle is worth to buyers, by marketplace and listing.
CREATE TABLE IF NOT EXISTS market_value (
    key TEXT PRIMARY KEY,
    value REAL NOT NULL
) WITHOUT ROWID;
