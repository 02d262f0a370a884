-- Secret links: a customer account's status page, an incident's executive brief (INTERFACES §1).
-- Only the hash of the token is kept (D3). A revoked link stays, so that its maker sees that it is.

CREATE TABLE links (
    id INTEGER NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('status', 'brief')),
    target TEXT NOT NULL,
    label TEXT NOT NULL,
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    made_by_name TEXT NOT NULL,
    made_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;

CREATE INDEX links_of ON links (kind, target, id);
CREATE INDEX links_open ON links (id) WHERE revoked_at_ms IS NULL;

-- Public addresses of incidents stay good when they are no longer among the latest: by the name
-- under which customers know them. What is no JSON any more is left to `verify`.
CREATE INDEX events_public_id ON events (CASE WHEN json_valid(body) THEN body ->> '$.data.public_id' END)
    WHERE kind = 'numbered.1';
