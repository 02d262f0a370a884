//! Puts what a browser downloads into the binary: the style sheets, the files of `assets/` and
//! the browser's half of the app (`target/site`, made by wasm-bindgen). Each is compressed here,
//! once, at the highest quality, and all are named by one hash of everything, so that they can be
//! cached for good. One file is the whole deployment (DESIGN §4).

mod build_css {
    include!("build/css.rs");
}

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{env, error, fs};

type Outcome<T> = Result<T, Box<dyn error::Error>>;
type Files = BTreeMap<String, Vec<u8>>;

/// The template of the service worker: it is told the hash and the files to keep.
const WORKER: &str = "sw.js";

fn main() -> Outcome<()> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = package
        .parent()
        .ok_or("the package has no folder above it")?
        .to_owned();
    let style = root.join("style");
    println!("cargo::rerun-if-env-changed=DRUMBEAT_SITE");
    let site = env::var_os("DRUMBEAT_SITE").map_or_else(|| root.join("target/site"), PathBuf::from);
    // Cargo runs a build script again and again while a path it watches is missing.
    fs::create_dir_all(&site)?;
    for watched in [
        &style,
        &package.join("assets"),
        &package.join("build"),
        &site,
    ] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }

    let (app_css, public_css) = build_css::sheets(&style)?;
    let mut files = Files::from([("app.css".to_owned(), app_css.into_bytes())]);
    read_folder(&package.join("assets"), "", &mut files)?;
    read_folder(&site, "", &mut files)?;
    let has_app = files.contains_key("drumbeat.js") && files.contains_key("drumbeat_bg.wasm");
    // Without the app there is nothing that it could start, or that should be kept for it.
    if !has_app {
        files.remove("start.js");
    }
    let hash = hash(&files, &public_css);
    tell_the_worker(&mut files, &hash)?;
    write_table(&files, &hash, has_app, &public_css)
}

fn read_folder(folder: &Path, under: &str, files: &mut Files) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|_| "a file name that is not UTF-8")?;
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{under}{name}/"), files)?;
        } else if content_type(&name).is_some() {
            files.insert(format!("{under}{name}"), fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn hash(files: &Files, public_css: &str) -> String {
    let mut hasher = Sha256::new();
    for (name, bytes) in files {
        hasher.update(name);
        hasher.update([0]);
        hasher.update(Sha256::digest(bytes));
    }
    hasher.update(public_css);
    let mut hash = hex::encode(hasher.finalize());
    hash.truncate(16);
    hash
}

fn tell_the_worker(files: &mut Files, hash: &str) -> Outcome<()> {
    let kept: Vec<String> = files
        .keys()
        .filter(|name| *name != WORKER)
        .map(|name| format!("\"/pkg/{hash}/{name}\""))
        .collect();
    let worker = files.get_mut(WORKER).ok_or("assets/sw.js is missing")?;
    let told = String::from_utf8(worker.clone())?
        .replace("\"{{assets}}\"", &kept.join(", "))
        .replace("{{hash}}", hash);
    *worker = told.into_bytes();
    Ok(())
}

/// A table of the files, included by `src/assets.rs`.
fn write_table(files: &Files, hash: &str, has_app: bool, public_css: &str) -> Outcome<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = out.join("assets");
    fs::create_dir_all(&folder)?;
    // A development build must not wait for the last per cent.
    let release = env::var("PROFILE").is_ok_and(|p| p == "release");
    let mut table = String::from("[\n");
    for (i, (name, raw)) in files.iter().enumerate() {
        let content_type = content_type(name).ok_or("a file of unknown kind")?;
        fs::write(folder.join(i.to_string()), raw)?;
        let br = kept_if_smaller(raw, brotli(raw, release)?);
        let gz = kept_if_smaller(raw, gzip(raw, release)?);
        fs::write(folder.join(format!("{i}.br")), br)?;
        fs::write(folder.join(format!("{i}.gz")), gz)?;
        writeln!(
            table,
            "    Asset {{ name: {name:?}, content_type: {content_type:?},"
        )?;
        for (field, suffix) in [("raw", ""), ("br", ".br"), ("gz", ".gz")] {
            writeln!(
                table,
                "        {field}: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/assets/{i}{suffix}\")),"
            )?;
        }
        table.push_str("    },\n");
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    fs::write(out.join("public.css"), public_css)?;
    println!("cargo::rustc-env=DRUMBEAT_ASSETS_HASH={hash}");
    println!("cargo::rustc-env=DRUMBEAT_HAS_APP={has_app}");
    Ok(())
}

/// Nothing at all stands for "not worth it".
fn kept_if_smaller(raw: &[u8], packed: Vec<u8>) -> Vec<u8> {
    if packed.len() < raw.len() {
        packed
    } else {
        Vec::new()
    }
}

fn brotli(raw: &[u8], release: bool) -> Outcome<Vec<u8>> {
    let quality = if release { 11 } else { 4 };
    let mut packed = Vec::new();
    brotli::CompressorReader::new(raw, 1 << 16, quality, 24).read_to_end(&mut packed)?;
    Ok(packed)
}

fn gzip(raw: &[u8], release: bool) -> Outcome<Vec<u8>> {
    let level = if release {
        flate2::Compression::best()
    } else {
        flate2::Compression::fast()
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(raw)?;
    Ok(encoder.finish()?)
}

/// What it is served as; files of other kinds are left out.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
