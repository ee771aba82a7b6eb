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
