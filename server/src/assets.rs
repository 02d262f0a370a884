//! The files that the binary carries for browsers, made by `build.rs`.

/// One file and its packed forms; an empty packed form was not worth it.
#[derive(Debug)]
pub struct Asset {
    /// `app.css`, `snippets/x.js`.
    pub name: &'static str,
    /// What it is served as.
    pub content_type: &'static str,
    /// As it is.
    pub raw: &'static [u8],
    /// Brotli.
    pub br: &'static [u8],
    /// Gzip.
    pub gz: &'static [u8],
}

/// One hash of all files: it changes when any of them does, so each may be cached for good.
pub const HASH: &str = env!("DRUMBEAT_ASSETS_HASH");

/// Where they are served: `/pkg/<hash>`.
pub const PKG: &str = concat!("/pkg/", env!("DRUMBEAT_ASSETS_HASH"));

/// The style of the public pages, sent inside each of them.
pub const PUBLIC_CSS: &str = include_str!(concat!(env!("OUT_DIR"), "/public.css"));

/// Sorted by name.
static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Whether the browser's half was there when this was built. Without it pages can be read, but
/// nothing on them can be done.
#[must_use]
pub fn has_app() -> bool {
    env!("DRUMBEAT_HAS_APP") == "true"
}

/// All of them.
#[must_use]
pub fn all() -> &'static [Asset] {
    ASSETS
}

/// The file of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    let place = ASSETS.binary_search_by(|asset| asset.name.cmp(name)).ok()?;
    ASSETS.get(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_name() {
        for asset in all() {
            assert_eq!(find(asset.name).map(|a| a.name), Some(asset.name));
        }
        assert!(find("app.css").is_some_and(|css| css.br.len() < css.raw.len()));
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn the_style_has_lost_its_comments_and_kept_its_rules() {
        let css = find("app.css")
            .map(|a| String::from_utf8_lossy(a.raw))
            .unwrap_or_default();
        for css in [&css, PUBLIC_CSS] {
            assert!(!css.contains("/*") && !css.contains("  ") && !css.contains(";}"));
            assert_eq!(css.matches('{').count(), css.matches('}').count());
            assert!(css.contains("@layer reset,tokens,base,components,utilities"));
        }
        assert!(PUBLIC_CSS.contains(".promise{"));
    }

    #[test]
    fn the_worker_keeps_the_files_of_this_build() {
        let worker = find("sw.js")
            .map(|a| String::from_utf8_lossy(a.raw))
            .unwrap_or_default();
        assert!(worker.contains(&format!("\"{PKG}/app.css\"")) && !worker.contains("{{"));
    }
}
