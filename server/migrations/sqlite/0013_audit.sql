-- Who did what to accounts, rights, passwords, links and the policy, when and from where. Written in the transaction of
-- the change itself, and no more changed than the events are. It never holds a secret.

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    person BLOB NOT NULL CHECK (length(person) = 16),
    person_name TEXT NOT NULL,
    -- The address that the request came from; empty where none did.
    address TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act <> ''),
    -- To whom or what.
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_has_no_gap BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit log must go on without a gap');
END;
