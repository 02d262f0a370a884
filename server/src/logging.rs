//! What happens is logged to standard error: as text for who looks at a terminal, as JSON for
//! who collects it.

use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` says what, `DRUMBEAT_LOG_FORMAT` how.
///
/// # Errors
/// What to do, when the latter is no format.
pub(crate) fn start() -> Result<(), String> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    let json = match std::env::var("DRUMBEAT_LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        Err(std::env::VarError::NotPresent) => !terminal,
        _ => return Err("DRUMBEAT_LOG_FORMAT should be text or json".to_owned()),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Only a test has started one before; that one stays.
    let _started = if json {
        log.json().flatten_event(true).try_init()
    } else {
        log.with_ansi(terminal).try_init()
    };
    Ok(())
}
