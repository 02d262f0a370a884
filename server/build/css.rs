// Puts the small files of `style/` together in the order that `style/ORDER` says, and takes out
// what only people read. The style of the public pages is sent inside each of them, so every byte
// counts; a full CSS minifier would gain little more and weighs minutes of compiling.

use std::path::Path;
use std::{fs, io};

/// The style of the app, and after the line `--- public` that of the public pages.
pub fn sheets(style: &Path) -> io::Result<(String, String)> {
    let order = fs::read_to_string(style.join("ORDER"))?;
    let (app, public) = order.split_once("--- public").ok_or_else(|| {
        io::Error::other(
            "style/ORDER has no line `--- public` that begins the list of the public pages",
        )
    })?;
    Ok((joined(style, app)?, joined(style, public)?))
}

fn joined(style: &Path, names: &str) -> io::Result<String> {
    let mut css = String::new();
    for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
        let path = style.join(name);
        let text = fs::read_to_string(&path)
            .map_err(|e| io::Error::other(format!("{}: {e}", path.display())))?;
        css.push_str(&text);
        css.push('\n');
    }
    Ok(minified(&css))
}

/// Without comments, and without white space where it cannot mean anything: beside `{ } ; ,` and
/// after `:`. Strings stay as they are; so does the space around `+ - * / < >`, which can matter.
fn minified(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut chars = css.chars().peekable();
    let mut space = false;
    while let Some(c) = chars.next() {
        if c == '/' && chars.peek() == Some(&'*') {
            skip_comment(&mut chars);
            space = true;
            continue;
        }
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let before = out.chars().next_back();
        let joins = matches!(c, '{' | '}' | ';' | ',')
            || matches!(before, None | Some('{' | '}' | ';' | ',' | ':'));
        if space && !joins {
            out.push(' ');
        }
        space = false;
        if c == '}' && before == Some(';') {
            out.pop();
        }
        out.push(c);
        if c == '"' || c == '\'' {
            copy_string(c, &mut chars, &mut out);
        }
    }
    out
}

fn skip_comment(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut star = false;
    chars.next();
    for c in chars.by_ref() {
        if star && c == '/' {
            return;
        }
        star = c == '*';
    }
}

fn copy_string(
    quote: char,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) {
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            out.extend(chars.next());
        } else if c == quote {
            return;
        }
    }
}
