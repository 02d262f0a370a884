-- What is swept (server/src/sweep.rs) is found without looking at what stays.

CREATE INDEX sessions_expire ON sessions (expires_at_ms);
CREATE INDEX links_revoked ON links (revoked_at_ms) WHERE revoked_at_ms IS NOT NULL;
