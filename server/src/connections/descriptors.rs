//! How many files and connections the system lets this process have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// More is of no use here.
const WANTED: u64 = 65_536;

/// Raises the limit as far as the system allows and there is use for it; tells the one in force.
///
/// # Errors
/// The system's, when it does not tell.
pub fn raise_descriptors() -> std::io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = hard.min(WANTED);
    if soft >= wanted {
        return Ok(soft);
    }
    match setrlimit(Resource::RLIMIT_NOFILE, wanted, hard) {
        Ok(()) => Ok(wanted),
        // What there is will do.
        Err(_) => Ok(soft),
    }
}
