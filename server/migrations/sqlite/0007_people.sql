-- People come by a link and go without being forgotten: their removal is a fact on their row, never
-- a delete, since the record goes on naming them. Both tables are made anew, because an e-mail is
-- free again once its owner is removed; nobody is signed out by it.

CREATE TABLE people_new (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    administrator INTEGER NOT NULL CHECK (administrator IN (0, 1)),
    -- In small letters: capitals tell no two people apart.
    email TEXT NOT NULL CHECK (email = lower(email)),
    -- None for the people of the demo, and for who has not chosen a password yet.
    password_hash TEXT,
    -- Counts up from 1 with each change, so that of two who change somebody at once the second is told.
    version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
    -- By whom and when they were added; none for who came by the set-up link or with the demo.
    added_by BLOB CHECK (length(added_by) = 16),
    added_by_name TEXT,
    added_at_ms INTEGER,
    -- By whom and when they were removed.
    removed_by BLOB CHECK (length(removed_by) = 16),
    removed_by_name TEXT,
    removed_at_ms INTEGER,
    CHECK ((added_by IS NULL) = (added_at_ms IS NULL) AND (added_by IS NULL) = (added_by_name IS NULL)),
    CHECK ((removed_by IS NULL) = (removed_at_ms IS NULL) AND (removed_by IS NULL) = (removed_by_name IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO people_new (id, name, title, administrator, email, password_hash)
SELECT id, name, title, administrator, lower(email), password_hash FROM people;

CREATE TABLE sessions_new (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    person BLOB NOT NULL REFERENCES people_new (id),
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sessions_new SELECT token_hash, person, expires_at_ms FROM sessions;

DROP TABLE sessions;
DROP TABLE people;
ALTER TABLE people_new RENAME TO people;
ALTER TABLE sessions_new RENAME TO sessions;

CREATE INDEX sessions_of ON sessions (person);
CREATE UNIQUE INDEX people_email ON people (email) WHERE removed_at_ms IS NULL;

CREATE TRIGGER people_are_never_deleted BEFORE DELETE ON people
BEGIN
    SELECT RAISE(ABORT, 'people are removed, never deleted');
END;

CREATE TRIGGER a_removal_is_final BEFORE UPDATE ON people WHEN OLD.removed_at_ms IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'who was removed is never changed again');
END;

-- Links by which somebody chooses a password: one at a time each, and gone when it was used. Only
-- the hash of the token is kept (D3).
CREATE TABLE invites (
    person BLOB NOT NULL PRIMARY KEY REFERENCES people (id),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was entrusted to somebody and goes on when the incident is closed. What is no JSON any more
-- is left to `verify`.
CREATE INDEX events_entrusted ON events (
    CASE WHEN json_valid(body) THEN
        coalesce(body ->> '$.data.owner.id', body ->> '$.data.facilitator.id', body ->> '$.data.side.ours.person.id')
    END
) WHERE kind IN ('action_agreed.1', 'post_mortem_booked.1', 'plan_step_added.1');
