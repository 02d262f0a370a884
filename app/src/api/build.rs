//! The number that tells one vocabulary of commands, events and answers from the next (DESIGN S8).

/// One line for each vocabulary there ever was: its fingerprint, oldest first.
const BUILDS: &str = include_str!("builds.txt");

/// Counts up when a command, an event or anything else that crosses the network changes: a tab whose server has a
/// greater one may not understand what it is told. Set at compile time, `DRUMBEAT_NEXT_BUILD` makes the one that
/// comes next, so that the meeting of two can be tried.
pub const BUILD: u32 = lines(BUILDS) + option_env!("DRUMBEAT_NEXT_BUILD").is_some() as u32;

/// Names [`BUILD`] in each request and in each answer, also where the rest of it cannot be read.
pub const BUILD_HEADER: &str = "x-drumbeat-build";

const fn lines(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (mut place, mut lines) = (0, 0);
    while place < bytes.len() {
        lines += (bytes[place] == b'\n') as u32;
        place += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Delimiter, TokenStream, TokenTree};
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    #[test]
    fn build_counts_up_with_every_change_of_the_vocabulary() {
        let fingerprint = fingerprint(&vocabulary());
        assert_eq!(
            BUILDS.lines().last(),
            Some(fingerprint.as_str()),
            "commands, events or the wire changed: add the line {fingerprint} to app/src/api/builds.txt"
        );
        assert_eq!(
            BUILDS.lines().collect::<BTreeSet<_>>().len() as u32,
            lines(BUILDS)
        );
    }

    #[test]
    fn comments_and_messages_are_no_part_of_the_vocabulary() {
        let types = |source: &str| items(source).into_iter().collect::<Vec<_>>();
        let plain = types("#[derive(Serialize)] pub struct A { pub b: u8 }");
        assert_eq!(plain.len(), 1);
        let commented =
            "/// A.\n#[derive(Clone, Serialize)]\npub struct A { /// B.\n pub b: u8 } fn f() {}";
        assert_eq!(types(commented), plain);
        for other in [
            "#[derive(Serialize)] pub struct A { pub b: u16 }",
            "#[derive(Serialize)] pub struct A { pub c: u8 }",
            "#[derive(Serialize)] pub struct A { #[serde(default)] pub b: u8 }",
        ] {
            assert_ne!(types(other), plain, "{other}");
        }
        assert!(types("#[derive(Clone)] pub struct A { pub b: u8 }").is_empty());
        assert!(types("/// What can Serialize.\npub fn f() {}").is_empty());
        let server = types("#[server(endpoint = \"x\")] pub async fn x(a: u8) -> R { body() }");
        assert!(server[0].contains("a:u8") && !server[0].contains("body"));
    }

    /// Whatever is written as JSON in the domain and in the server functions.
    fn vocabulary() -> BTreeSet<String> {
        let app = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![app.join("src/api.rs"), app.join("src/parts/asked.rs")];
        for folder in ["src/api", "domain/src"] {
            collect(&app.join(folder), &mut files);
        }
        let sources = files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap());
        sources.flat_map(|source| items(&source)).collect()
    }

    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_stem().is_some_and(|name| name == "tests");
            if path.is_dir() && !is_test {
                collect(&path, files);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
                files.push(path);
            }
        }
    }

    /// The items of a source file that say what is written: types that derive serde's traits, what is written by
    /// hand, and the arguments of server functions.
    fn items(source: &str) -> Vec<String> {
        let mut found = Vec::new();
        let (mut item, mut attributes) = (Vec::new(), String::new());
        let mut tokens = source
            .parse::<TokenStream>()
            .unwrap()
            .into_iter()
            .peekable();
        while let Some(token) = tokens.next() {
            let is_hash = matches!(&token, TokenTree::Punct(p) if p.as_char() == '#');
            if item.is_empty()
                && is_hash
                && let Some(TokenTree::Group(attribute)) = tokens.peek()
            {
                attributes.push_str(&derived(attribute));
                item.extend(told(&token, attribute));
                tokens.next();
                continue;
            }
            let ends = match &token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(p) => p.as_char() == ';',
                _ => false,
            };
            item.push(token);
            // Attributes alone begin an item too.
            if ends {
                found.extend(part_of_the_vocabulary(
                    &attributes,
                    std::mem::take(&mut item),
                ));
                attributes.clear();
            } else if item.len() == 1 && attributes.is_empty() {
                attributes.push(' ');
            }
        }
        found
    }

    fn part_of_the_vocabulary(attributes: &str, mut item: Vec<TokenTree>) -> Option<String> {
        let is_server_function = attributes.contains("server (") || attributes.contains("server(");
        if is_server_function {
            item.pop();
        }
        let text = without_comments(item.into_iter().collect()).to_string();
        let text: String = text.split_whitespace().collect();
        let is_derived = attributes.contains("Serialize") || attributes.contains("Deserialize");
        let is_by_hand = text.starts_with("impl")
            && (text.contains("Serializefor") || text.contains("Deserialize<'de>for"));
        (is_derived || is_by_hand || is_server_function).then_some(text)
    }

    /// An attribute that makes an item a part of the vocabulary; a comment may speak of such.
    fn derived(attribute: &proc_macro2::Group) -> String {
        let name = attribute.stream().into_iter().next();
        match name.map(|n| n.to_string()).as_deref() {
            Some("derive" | "server") => attribute.to_string(),
            _ => " ".to_owned(),
        }
    }

    /// An attribute, where it changes what is written.
    fn told(hash: &TokenTree, attribute: &proc_macro2::Group) -> Vec<TokenTree> {
        let name = attribute.stream().into_iter().next();
        match name.map(|n| n.to_string()).as_deref() {
            Some("serde" | "server") => vec![hash.clone(), TokenTree::Group(attribute.clone())],
            _ => Vec::new(),
        }
    }

    fn without_comments(tokens: TokenStream) -> TokenStream {
        let mut left = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(p) if p.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.peek() {
                        left.extend(told(&TokenTree::Punct(p), attribute));
                        tokens.next();
                    }
                }
                TokenTree::Group(group) => {
                    let inner = without_comments(group.stream());
                    left.push(proc_macro2::Group::new(group.delimiter(), inner).into());
                }
                token => left.push(token),
            }
        }
        left.into_iter().collect()
    }

    /// FNV-1a: the same on every machine and with every compiler.
    fn fingerprint(vocabulary: &BTreeSet<String>) -> String {
        let bytes = vocabulary.iter().flat_map(|item| item.bytes().chain([0]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}
