-- AutoScout24 Schweiz: clients and their tokens, sellers, listings and pictures.
CREATE TABLE IF NOT EXISTS ch_client (
    client_id TEXT PRIMARY KEY,
    client_secret TEXT NOT NULL,
    token_seconds INTEGER NOT NULL DEFAULT 86400
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ch_token (
    token TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ch_seller (
    seller_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    zip_code TEXT NOT NULL,
    city TEXT NOT NULL,
    authorised INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    top_slots INTEGER NOT NULL
);

-- Removed listings stay: they are the books that tests read.
CREATE TABLE IF NOT EXISTS ch_listing (
    listing_id INTEGER PRIMARY KEY AUTOINCREMENT,
    seller_id INTEGER NOT NULL REFERENCES ch_seller,
    external_id TEXT,
    seller_vehicle_id TEXT,
    status TEXT NOT NULL DEFAULT 'draft',
    revision INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL DEFAULT '[]',
    images TEXT NOT NULL DEFAULT '[]',
    top_list_from TEXT,
    top_list_to TEXT,
    top_list_bookings INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    status_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ch_listing_of_seller ON ch_listing (seller_id, external_id);

CREATE TABLE IF NOT EXISTS ch_image (
    image_id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    listing_id INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_at TEXT NOT NULL
);
