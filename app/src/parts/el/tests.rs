use super::El;
use leptos::prelude::*;
use markup::view;

fn html(el: El) -> String {
    Owner::new().with(|| el.to_html())
}

#[test]
fn words_are_escaped_wherever_they_stand() {
    let bad = "<b title=\"x\">&</b>".to_owned();
    let el = view! { <p title=bad.clone() data-of=move || "a\"b">{bad.clone()}"<fixed>"</p> };
    let escaped = "&lt;b title=&quot;x&quot;&gt;&amp;&lt;/b&gt;";
    let text = escaped.replace("&quot;", "\"");
    assert_eq!(
        html(el),
        format!("<p title=\"{escaped}\" data-of=\"a&quot;b\">{text}&lt;fixed&gt;</p>")
    );
}

#[test]
fn a_flag_is_there_or_not_and_a_property_is_not_written() {
    let none = None::<String>;
    let el = view! {
        <form inert=true hidden=move || false>
            <input required list=none value="a" prop:checked=true on:input=|_| () />
        </form>
    };
    assert_eq!(html(el), "<form inert><input required value=\"a\"></form>");
}

#[test]
fn nothing_and_several_take_their_place_in_order() {
    let rows = vec![view! { <li>"one"</li> }, view! { <li>"two"</li> }];
    let el = view! { <ol>{None::<String>}{rows}{move || Some("three")}</ol> };
    let written = html(el).replace("<!>", "").replace("<!---->", "");
    assert_eq!(written, "<ol><li>one</li><li>two</li>three</ol>");
}
