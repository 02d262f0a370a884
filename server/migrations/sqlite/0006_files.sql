-- Files that are evidence, by the hash of their bytes (RUNBOOK §7): the same file is kept once.
-- They are proof, so they are no more changed than the events that name them.

CREATE TABLE files (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    body BLOB NOT NULL,
    added_by BLOB NOT NULL CHECK (length(added_by) = 16),
    added_by_name TEXT NOT NULL,
    added_at_ms INTEGER NOT NULL
) STRICT;

CREATE TRIGGER files_are_never_changed BEFORE UPDATE ON files
BEGIN
    SELECT RAISE(ABORT, 'files are append-only');
END;

CREATE TRIGGER files_are_never_deleted BEFORE DELETE ON files
BEGIN
    SELECT RAISE(ABORT, 'files are append-only');
END;

CREATE TRIGGER files_are_kept_once BEFORE INSERT ON files
WHEN EXISTS (SELECT 1 FROM files WHERE sha256 = NEW.sha256)
BEGIN
    SELECT RAISE(ABORT, 'a file is kept once');
END;
