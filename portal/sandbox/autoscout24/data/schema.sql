-- AutoScout24: the provider's accounts, customers, listings and pictures.
CREATE TABLE IF NOT EXISTS as24_account (
    username TEXT PRIMARY KEY,
    password TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS as24_customer (
    customer_id TEXT PRIMARY KEY,
    sell_id TEXT NOT NULL UNIQUE,
    company_name TEXT NOT NULL,
    authorised INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    mobile_export TEXT NOT NULL,
    enrichment TEXT NOT NULL DEFAULT 'by-vin',
    enrichment_seconds REAL NOT NULL DEFAULT 20
) WITHOUT ROWID;

-- Customers for whom AutoScout24 has not switched its price evaluation on.
CREATE TABLE IF NOT EXISTS as24_without_evaluation (
    customer_id TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Deleted listings stay: they are the books that tests read.
CREATE TABLE IF NOT EXISTS as24_listing (
    listing_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES as24_customer,
    offer_reference_id TEXT,
    cross_reference_id TEXT,
    testmode INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL,
    marketing TEXT NOT NULL DEFAULT '{}',
    wished_status TEXT NOT NULL,
    enrichment_status TEXT,
    enrichment_result TEXT,
    enrichment_due TEXT,
    missing TEXT NOT NULL DEFAULT '[]',
    protected INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    activated_at TEXT,
    deleted_at TEXT
);
CREATE INDEX IF NOT EXISTS as24_listing_of_customer ON as24_listing (customer_id, offer_reference_id);

CREATE TABLE IF NOT EXISTS as24_image (
    image_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    md5 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_at TEXT NOT NULL
);
