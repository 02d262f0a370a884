//! A form of a page without script, as a browser fills and sends it.

use std::collections::BTreeMap;

/// What the fields of the page hold, by their names, as a browser would send them.
pub fn fields_of(page: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for tag in tags(page, "input") {
        let Some(name) = attribute(tag, "name") else {
            continue;
        };
        let is_box = attribute(tag, "type").is_some_and(|kind| kind == "checkbox");
        if !is_box || is_set(tag, "checked") {
            fields.insert(name, attribute(tag, "value").unwrap_or_default());
        }
    }
    for (tag, inside) in elements(page, "textarea") {
        let name = attribute(tag, "name").unwrap();
        // A browser drops the first line break.
        let text = inside.strip_prefix('\n').unwrap_or(inside);
        fields.insert(name, plain(text));
    }
    for (tag, inside) in elements(page, "select") {
        let name = attribute(tag, "name").unwrap();
        let chosen = tags(inside, "option").find(|option| is_set(option, "selected"));
        let value = chosen.and_then(|option| attribute(option, "value"));
        fields.insert(name, value.unwrap_or_default());
    }
    fields
}

/// The insides of the opening tags of this name.
fn tags<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let opening = format!("<{name} ");
    let parts: Vec<&str> = page.split(&opening).skip(1).collect();
    parts
        .into_iter()
        .map(|part| part.split('>').next().unwrap())
}

/// The opening tags of this name, each with what its element holds.
fn elements<'a>(page: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let (opening, closing) = (format!("<{name} "), format!("</{name}>"));
    let parts = page.split(&opening).skip(1);
    let whole = parts.map(|part| part.split(&closing).next().unwrap());
    whole.map(|whole| whole.split_once('>').unwrap()).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(plain)
}

fn is_set(tag: &str, name: &str) -> bool {
    tag.split(' ').any(|word| word == name)
}

fn plain(html: &str) -> String {
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
    ];
    let text = marks
        .into_iter()
        .fold(html.to_owned(), |text, (html, mark)| {
            text.replace(html, mark)
        });
    text.replace("&amp;", "&")
}

/// What a page says, without its tags and the blanks between them.
pub fn words_of(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
        text.push(' ');
    }
    plain(&text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
