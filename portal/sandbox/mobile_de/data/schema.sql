CREATE TABLE IF NOT EXISTS account (
    username TEXT PRIMARY KEY,
    password TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS seller (
    seller_id TEXT PRIMARY KEY,
    customer_number TEXT NOT NULL UNIQUE,
    company_name TEXT NOT NULL,
    readonly INTEGER NOT NULL,
    max_images INTEGER NOT NULL,
    max_highlights INTEGER NOT NULL,
    video_url INTEGER NOT NULL,
    leasing INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS link (
    username TEXT NOT NULL REFERENCES account,
    seller_id TEXT NOT NULL REFERENCES seller,
    PRIMARY KEY (username, seller_id)
) WITHOUT ROWID;

-- Deleted ads stay: they are the books that tests read.
CREATE TABLE IF NOT EXISTS ad (
    ad_id INTEGER PRIMARY KEY AUTOINCREMENT,
    seller_id TEXT NOT NULL REFERENCES seller,
    internal_number TEXT,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    deleted_at TEXT
);
CREATE INDEX IF NOT EXISTS ad_of_seller ON ad (seller_id, internal_number);

-- A leasing offer that the dealer made there: nobody else changes it.
CREATE TABLE IF NOT EXISTS own_leasing (
    ad_id INTEGER PRIMARY KEY REFERENCES ad,
    offer TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS insertion (
    seller_id TEXT NOT NULL,
    insertion_id TEXT NOT NULL,
    ad_id INTEGER NOT NULL REFERENCES ad,
    PRIMARY KEY (seller_id, insertion_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS picture (
    ref TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    username TEXT NOT NULL,
    uploaded_at TEXT NOT NULL
) WITHOUT ROWID;
