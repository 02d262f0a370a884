-- Customer accounts (RUNBOOK §9). They are not part of the log: an account is what is known now,
-- and who said so last.

CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The name in small letters with single spaces (domain::account::key): what tells accounts apart.
    key TEXT NOT NULL UNIQUE CHECK (key <> ''),
    -- What a search looks in, in small letters.
    searched TEXT NOT NULL,
    -- Counts up from 1 with each change, so that of two who change it at once the second is told.
    version INTEGER NOT NULL CHECK (version > 0),
    changed_at_ms INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    -- The account as JSON.
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
