-- The log (DESIGN §1): commands and their events, never changed, and what is derived from them.
-- Ids are 16 bytes, hashes 32, times milliseconds since 1970 UTC.

-- "DRMB": tells our file from any other SQLite file.
PRAGMA application_id = 1146244418;

-- Every command that was ever decided, refused ones too: sent again, it gets the same answer (S1).
CREATE TABLE commands (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    person BLOB NOT NULL CHECK (length(person) = 16),
    incident BLOB NOT NULL CHECK (length(incident) = 16),
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    incident BLOB NOT NULL CHECK (length(incident) = 16),
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    made_at_ms INTEGER NOT NULL,
    person BLOB NOT NULL CHECK (length(person) = 16),
    person_name TEXT NOT NULL,
    command BLOB NOT NULL REFERENCES commands (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (incident, version)
) STRICT;

-- Append-only, by the database itself (L1). REPLACE deletes without firing a delete trigger, so
-- an insert must also be a new row; and it must continue the log without a gap.
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TRIGGER events_continue_the_log BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    OR NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM events WHERE incident = NEW.incident)
BEGIN
    SELECT RAISE(ABORT, 'events must continue the log without a gap');
END;

CREATE TRIGGER commands_are_never_changed BEFORE UPDATE ON commands
BEGIN
    SELECT RAISE(ABORT, 'commands are append-only');
END;

CREATE TRIGGER commands_are_never_deleted BEFORE DELETE ON commands
BEGIN
    SELECT RAISE(ABORT, 'commands are append-only');
END;

CREATE TRIGGER commands_are_decided_once BEFORE INSERT ON commands
WHEN EXISTS (SELECT 1 FROM commands WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a command is decided once');
END;

-- Where each incident stands: derived, can be made anew from the log. `version` and `hash` are
-- those of its last event, so that a cut-off tail is noticed.
CREATE TABLE standing (
    incident BLOB NOT NULL PRIMARY KEY CHECK (length(incident) = 16),
    version INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    year INTEGER,
    serial INTEGER,
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    told_at_ms INTEGER,
    closed_at_ms INTEGER,
    summary TEXT,
    UNIQUE (year, serial)
) STRICT, WITHOUT ROWID;

CREATE INDEX standing_live ON standing (incident) WHERE live = 1;
CREATE INDEX standing_told ON standing (told_at_ms) WHERE told_at_ms IS NOT NULL;
CREATE INDEX standing_closed ON standing (closed_at_ms) WHERE closed_at_ms IS NOT NULL;
