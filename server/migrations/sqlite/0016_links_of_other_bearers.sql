-- 0015 looked for who bears a doubtful name today. Whoever bore it when the link was made may have another name by now,
-- and then the link still opens the page of the wrong customer. So each link from before 0014 is revoked whose account
-- had been noted, when the link was made, under a name that the log or the accounts have for another account, too,
-- which was there then; or under a name that somebody got between the two, as the audit log says. A right one may be
-- among them; a new link is soon made. Names are compared without capitals (of ASCII, as far as SQL knows them) and
-- spaces around and between words.

-- What is no JSON any more is left to `verify`.
CREATE TABLE named_events AS
SELECT kind, at_ms, body FROM events
WHERE kind IN ('customer_noted.2', 'customer_noted.3', 'customers_identified.1') AND json_valid(body)
    AND EXISTS (SELECT 1 FROM links WHERE kind = 'status' AND revoked_at_ms IS NULL);

CREATE TABLE borne_names AS
SELECT account, min(at_ms) AS at_ms,
    lower(trim(replace(replace(replace(name, '  ', ' '), '  ', ' '), '  ', ' '))) AS key
FROM (
    SELECT coalesce(body ->> '$.data.customer.account', body ->> '$.data.customer.id.account') AS account,
        body ->> '$.data.customer.name' AS name, at_ms
    FROM named_events WHERE kind <> 'customers_identified.1'
    UNION ALL
    SELECT bearer.value ->> '$.account', bearer.value ->> '$.name', at_ms
    FROM named_events, json_each(body, '$.data.bearers') AS bearer
    WHERE kind = 'customers_identified.1'
)
WHERE account IS NOT NULL
GROUP BY 1, 3;

CREATE INDEX borne_names_by_key ON borne_names (key);

-- A line on a change has the name before and the names of fields after it: `Name: Pine → Spruce; Tier: …`.
CREATE TABLE got_names AS
SELECT at_ms, lower(trim(replace(replace(replace(name, '  ', ' '), '  ', ' '), '  ', ' '))) AS begins
FROM (
    SELECT at_ms, subject AS name FROM audit WHERE act = 'add-account'
    UNION ALL
    SELECT at_ms, substr(detail, length('Name: ' || subject || ' → ') + 1)
    FROM audit WHERE act = 'change-account' AND instr(detail, 'Name: ' || subject || ' → ') = 1
);

CREATE TABLE doubtful_links AS
SELECT id, target, label, CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS at_ms
FROM links
WHERE kind = 'status' AND revoked_at_ms IS NULL
    AND made_at_ms < (SELECT (CAST(strftime('%s', installed_on) AS INTEGER) + 1) * 1000
        FROM _sqlx_migrations WHERE version = 14)
    AND EXISTS (SELECT 1 FROM borne_names AS noted
        WHERE 'account/' || noted.account = links.target AND noted.at_ms <= links.made_at_ms
            AND (
                EXISTS (SELECT 1 FROM borne_names AS other
                    WHERE other.key = noted.key AND other.account <> noted.account
                        AND substr(upper(replace(other.account, '-', '')), 1, 12) <= printf('%012X', links.made_at_ms))
                OR EXISTS (SELECT 1 FROM accounts AS bearer
                    WHERE bearer.key = noted.key
                        AND hex(bearer.id) <> upper(replace(noted.account, '-', ''))
                        AND substr(hex(bearer.id), 1, 12) <= printf('%012X', links.made_at_ms))
                OR EXISTS (SELECT 1 FROM got_names AS got
                    WHERE got.at_ms > noted.at_ms AND got.at_ms <= links.made_at_ms
                        AND (got.begins = noted.key
                            OR substr(got.begins, 1, length(noted.key) + 2) = noted.key || '; '))
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
DROP TABLE borne_names;
DROP TABLE got_names;
DROP TABLE doubtful_links;
