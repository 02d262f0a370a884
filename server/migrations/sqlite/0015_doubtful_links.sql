-- 0014 took a link to the page of the account that was noted last under the link's name on an incident, also where
-- that account had been renamed before, and another bore the name when the link was made: then it opens the page of
-- the wrong customer. Which name a link had is not known any more. So each link from before 0014 is revoked whose
-- account had been noted, when the link was made, under a name that another account bears today, which was there
-- then (its id is a UUIDv7, whose first 48 bits are milliseconds). A right one may be among them; a new link is
-- soon made. When 0014 was applied is kept to the second; both may be applied at one start.

CREATE TABLE noted_accounts AS
SELECT 'account/' || (body ->> '$.data.customer.account') AS target, body ->> '$.data.customer.name' AS name,
    min(at_ms) AS at_ms
FROM events
WHERE kind = 'customer_noted.2' AND json_valid(body)
    AND body ->> '$.data.customer.account' IS NOT NULL
    AND EXISTS (SELECT 1 FROM links WHERE kind = 'status')
GROUP BY 1, 2;

CREATE TABLE doubtful_links AS
SELECT id, target, label, CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS at_ms
FROM links
WHERE kind = 'status' AND revoked_at_ms IS NULL
    AND made_at_ms < (SELECT (CAST(strftime('%s', installed_on) AS INTEGER) + 1) * 1000
        FROM _sqlx_migrations WHERE version = 14)
    AND EXISTS (SELECT 1 FROM noted_accounts AS noted JOIN accounts AS bearer
            ON json_valid(bearer.body) AND bearer.body ->> '$.name' = noted.name
        WHERE noted.target = links.target AND noted.at_ms <= links.made_at_ms
            AND hex(bearer.id) <> upper(replace(substr(links.target, 9), '-', ''))
            AND substr(hex(bearer.id), 1, 12) <= printf('%012X', links.made_at_ms));

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

DROP TABLE noted_accounts;
DROP TABLE doubtful_links;
