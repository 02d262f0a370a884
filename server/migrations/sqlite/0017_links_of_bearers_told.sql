-- 0016 looked for who got a name after another account had been noted under it. A clock that stood, or was set back by
-- the two minutes that are forgiven, gives the later of the two the earlier time: the record never goes back, and the
-- audit log goes by the clock. And it looked at lines of customers alone: an account that is on no incident is known as
-- well from what was addressed to it. So each link from before 0014 that is left is revoked where one of these tells
-- of another bearer of the name. That an account was added shortly before it was noted tells of no other one: its id
-- has that time (a UUIDv7, whose first 48 bits are milliseconds). As in 0016 a right link may be among those revoked, of an
-- account that was renamed to the name within two minutes before it was first noted: make it anew.

-- What is no JSON any more is left to `verify`.
CREATE TABLE named_events AS
SELECT kind, at_ms, body FROM events
WHERE kind IN ('customer_noted.2', 'declared.1', 'declared.2', 'update_published.1', 'update_published.2', 'draft_ready.1',
        'call_scheduled.2', 'plan_step_added.2', 'credit_decided.2', 'credit_proposed.2', 'deal_moved.2')
    AND json_valid(body)
    AND EXISTS (SELECT 1 FROM links WHERE kind = 'status' AND revoked_at_ms IS NULL);

CREATE TABLE noted_names AS
SELECT account, min(at_ms) AS at_ms,
    lower(trim(replace(replace(replace(name, '  ', ' '), '  ', ' '), '  ', ' '))) AS key
FROM (
    SELECT body ->> '$.data.customer.account' AS account, body ->> '$.data.customer.name' AS name, at_ms
    FROM named_events WHERE kind = 'customer_noted.2'
)
WHERE account IS NOT NULL
GROUP BY 1, 3;

-- An older event has readers by their names alone, as texts.
CREATE TABLE told_names AS
SELECT DISTINCT account,
    lower(trim(replace(replace(replace(name, '  ', ' '), '  ', ' '), '  ', ' '))) AS key
FROM (
    SELECT body ->> '$.data.customer.id.account' AS account, body ->> '$.data.customer.name' AS name
    FROM named_events
    WHERE kind IN ('call_scheduled.2', 'plan_step_added.2', 'credit_decided.2', 'credit_proposed.2', 'deal_moved.2')
    UNION ALL
    SELECT CASE reader.type WHEN 'object' THEN reader.value ->> '$.id.account' END,
        CASE reader.type WHEN 'object' THEN reader.value ->> '$.name' END
    FROM named_events, json_each(coalesce(
            body -> '$.data.audience.named.customers',
            body -> '$.data.text.audience.named.customers',
            body -> '$.data.text.update.text.audience.named.customers',
            '[]')) AS reader
    WHERE kind IN ('declared.1', 'declared.2', 'update_published.1', 'update_published.2', 'draft_ready.1')
)
WHERE account IS NOT NULL;

CREATE INDEX told_names_by_key ON told_names (key);

-- A line on a change has the name before and the names of fields after it: `Name: Pine → Spruce; Tier: …`.
CREATE TABLE got_names AS
SELECT at_ms, is_new, lower(trim(replace(replace(replace(name, '  ', ' '), '  ', ' '), '  ', ' '))) AS begins
FROM (
    SELECT at_ms, 1 AS is_new, subject AS name FROM audit WHERE act = 'add-account'
    UNION ALL
    SELECT at_ms, 0, substr(detail, length('Name: ' || subject || ' → ') + 1)
    FROM audit WHERE act = 'change-account' AND instr(detail, 'Name: ' || subject || ' → ') = 1
);

CREATE TABLE doubtful_links AS
SELECT id, target, label, CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS at_ms
FROM links
WHERE kind = 'status' AND revoked_at_ms IS NULL
    AND made_at_ms < (SELECT (CAST(strftime('%s', installed_on) AS INTEGER) + 1) * 1000
        FROM _sqlx_migrations WHERE version = 14)
    AND EXISTS (SELECT 1 FROM noted_names AS noted
        WHERE 'account/' || noted.account = links.target AND noted.at_ms <= links.made_at_ms
            AND (
                EXISTS (SELECT 1 FROM told_names AS other
                    WHERE other.key = noted.key AND other.account <> noted.account
                        AND substr(upper(replace(other.account, '-', '')), 1, 12) <= printf('%012X', links.made_at_ms))
                OR EXISTS (SELECT 1 FROM got_names AS got
                    WHERE got.at_ms BETWEEN noted.at_ms - 120000 AND noted.at_ms
                        AND (got.begins = noted.key
                            OR substr(got.begins, 1, length(noted.key) + 2) = noted.key || '; ')
                        AND NOT (got.is_new AND substr(upper(replace(noted.account, '-', '')), 1, 12)
                            BETWEEN printf('%012X', got.at_ms - 10000) AND printf('%012X', got.at_ms)))
            ));

UPDATE links SET revoked_at_ms = (SELECT at_ms FROM doubtful_links WHERE doubtful_links.id = links.id)
WHERE id IN (SELECT id FROM doubtful_links);

INSERT INTO audit (seq, at_ms, person, person_name, address, act, subject, detail)
SELECT (SELECT coalesce(max(seq), 0) FROM audit) + row_number() OVER (ORDER BY id), at_ms, zeroblob(16), 'Drumbeat', '',
    'revoke-link',
    'The page of ' || coalesce((SELECT body ->> '$.name' FROM accounts
        WHERE json_valid(body) AND hex(accounts.id) = upper(replace(substr(target, 9), '-', ''))), target),
    CASE label WHEN '' THEN '' ELSE 'For: ' || label END
FROM doubtful_links
ORDER BY id;

DROP TABLE named_events;
DROP TABLE noted_names;
DROP TABLE told_names;
DROP TABLE got_names;
DROP TABLE doubtful_links;
