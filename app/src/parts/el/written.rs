//! Elements on the server: written as HTML.

use super::drawn::Drawn;
use super::{Child, El, On, Put, Value};
use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Position, PositionState};

impl El {
    fn write(self, html: &mut String, mark_branches: bool) {
        html.push('<');
        html.push_str(self.tag);
        for (name, value) in self.fixed {
            write_attribute(html, name, value);
        }
        for (name, put) in self.puts {
            let value = match put {
                Put::Set(On::Attribute, value) => value,
                Put::Live(On::Attribute, mut live) => live(),
                _ => continue,
            };
            match value {
                Value::Text(text) => write_attribute(html, name, &text),
                Value::Flag(true) => write_attribute(html, name, ""),
                Value::Flag(false) => {}
            }
        }
        html.push('>');
        if VOID.contains(&self.tag) {
            return;
        }
        for child in self.children {
            match child {
                Child::Text(text) => html.push_str(&escaped(&text)),
                Child::El(el) => el.write(html, mark_branches),
                Child::View(view) => {
                    let mut place = Position::NextChild;
                    view.to_html_with_buf(html, &mut place, true, mark_branches, Vec::new());
                }
            }
        }
        html.push_str("</");
        html.push_str(self.tag);
        html.push('>');
    }
}

/// Elements that hold nothing and have no end.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "link", "meta", "source", "wbr"];

fn write_attribute(html: &mut String, name: &str, value: &str) {
    html.push(' ');
    html.push_str(name);
    if !value.is_empty() {
        html.push_str("=\"");
        html.push_str(&escaped(value).replace('"', "&quot;"));
        html.push('"');
    }
}

/// Words as they stand between tags.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl RenderHtml for El {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        for child in &mut self.children {
            match child {
                Child::Text(_) => {}
                Child::El(el) => el.dry_resolve(),
                Child::View(view) => view.dry_resolve(),
            }
        }
    }

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        self.write(buf, mark_branches);
        *position = Position::NextChild;
    }

    /// Never asked for, see the top; what it would draw stands nowhere.
    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Drawn {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// Nothing is spread onto our elements: a screen says all that is on them.
impl AddAnyAttr for El {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}
