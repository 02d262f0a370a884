-- Files that nothing names end after a day; what an event names is kept as long as the event is.
CREATE TABLE files_named (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER files_stay_named BEFORE DELETE ON files_named
BEGIN
    SELECT RAISE(ABORT, 'a file that was named stays named');
END;

CREATE TRIGGER names_of_files_are_never_changed BEFORE UPDATE ON files_named
BEGIN
    SELECT RAISE(ABORT, 'a file that was named stays named');
END;

INSERT INTO files_named
SELECT DISTINCT unhex(named.value)
FROM events, json_tree(CASE WHEN json_valid(events.body) THEN events.body ELSE '{}' END) AS named
WHERE instr(events.body, '"sha256"') > 0 AND named.key = 'sha256' AND named.type = 'text'
    AND length(unhex(named.value)) = 32;

-- Whatever kind of event names a file, it is here.
CREATE TRIGGER events_name_files AFTER INSERT ON events WHEN instr(NEW.body, '"sha256"') > 0
BEGIN
    INSERT INTO files_named
    SELECT DISTINCT unhex(named.value) FROM json_tree(CASE WHEN json_valid(NEW.body) THEN NEW.body ELSE '{}' END) AS named
    WHERE named.key = 'sha256' AND named.type = 'text' AND length(unhex(named.value)) = 32
        AND NOT EXISTS (SELECT 1 FROM files_named WHERE sha256 = unhex(named.value));
END;

-- When somebody sent the same bytes again.
CREATE TABLE files_sent_again (
    sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP TRIGGER files_are_never_deleted;
CREATE TRIGGER files_that_are_named_are_never_deleted BEFORE DELETE ON files
WHEN EXISTS (SELECT 1 FROM files_named WHERE sha256 = OLD.sha256)
BEGIN
    SELECT RAISE(ABORT, 'files are append-only');
END;

CREATE INDEX files_added ON files (added_at_ms);
