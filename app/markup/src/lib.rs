//! `view!`, written as Leptos's own and made of something else. There each element is a type, with code of its own to
//! build, compare, mount and drop it, and everybody downloads all of it; here an element is a value of the one type
//! `parts::el::El`, so a view costs little more than its words. Components are handed on to Leptos.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Code;
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeBlock, NodeElement};

type Tag = NodeElement<rstml::Infallible>;

/// A view: one `El`, one component, or several beside each other as an `AnyView`.
///
/// Taken are `name="text"`, `name=value`, `name` alone, `prop:name=value`, `on:event=handler` and `drawn=act` for what
/// is done to the element once it is in the page, where a value may be a closure that is asked again when what it reads
/// has changed; texts in quotes; and `{anything}` that is a `parts::el::IntoChild`. Whatever else Leptos knows (`class:`, `style:`, `bind:`, `node_ref`, spreading) is an error.
#[proc_macro]
pub fn view(tokens: TokenStream) -> TokenStream {
    let nodes = match rstml::parse(tokens) {
        Ok(nodes) => nodes,
        Err(error) => return error.to_compile_error().into(),
    };
    let code = match nodes.as_slice() {
        [one] => root(one),
        several => several_children(several),
    };
    code.unwrap_or_else(|fault| quote! { ::core::compile_error!(#fault) })
        .into()
}

/// What stands alone keeps its type.
fn root(node: &Node) -> Result<Code, String> {
    match node {
        Node::Element(tag) if is_component(tag) => component(tag),
        Node::Element(tag) => element(tag),
        Node::Fragment(fragment) => several_children(fragment.children()),
        other => several_children(std::slice::from_ref(other)),
    }
}

fn several_children(nodes: &[Node]) -> Result<Code, String> {
    let children = nodes.iter().map(child).collect::<Result<Vec<_>, _>>()?;
    Ok(quote! { crate::parts::el::beside(::std::vec![#(#children),*]) })
}

fn child(node: &Node) -> Result<Code, String> {
    let value = match node {
        Node::Element(tag) if is_component(tag) => component(tag)?,
        Node::Element(tag) => element(tag)?,
        Node::Text(text) => {
            let text = &text.value;
            quote! { #text }
        }
        Node::Block(NodeBlock::ValidBlock(block)) if block.stmts.len() == 1 => {
            let stmts = &block.stmts;
            quote! { #(#stmts)* }
        }
        Node::Block(block) => quote! { #block },
        Node::Fragment(fragment) => several_children(fragment.children())?,
        _ => return Err("only elements, \"texts\" and {blocks} stand in a view".to_owned()),
    };
    Ok(quote! { crate::parts::el::IntoChild::into_child(#value) })
}

/// Leptos knows how; what stands within is ours.
fn component(tag: &Tag) -> Result<Code, String> {
    let (name, attributes) = (tag.name(), tag.attributes());
    if tag.children.is_empty() {
        return Ok(quote! { ::leptos::prelude::view! { <#name #(#attributes)* /> } });
    }
    let children = several_children(&tag.children)?;
    Ok(quote! { ::leptos::prelude::view! { <#name #(#attributes)*>{#children}</#name> } })
}

fn element(tag: &Tag) -> Result<Code, String> {
    let name = tag.name().to_string();
    let (mut fixed, mut puts) = (Vec::new(), Vec::new());
    for attribute in tag.attributes() {
        match attribute {
            NodeAttribute::Attribute(attribute) => match fixed_value(attribute) {
                Some(text) => {
                    let name = html_name(attribute);
                    fixed.push(quote! { (#name, #text) });
                }
                None => puts.push(put(attribute)?),
            },
            NodeAttribute::Block(_) => return Err(format!("<{name}> takes no spread attributes")),
        }
    }
    let children = tag
        .children
        .iter()
        .map(child)
        .collect::<Result<Vec<_>, _>>()?;
    let mut el = quote! { crate::parts::el::El::new(#name, &[#(#fixed),*]) };
    if !puts.is_empty() || !children.is_empty() {
        el = quote! {{
            let mut el = #el;
            #(el #puts;)*
            #(el.add(#children);)*
            el
        }};
    }
    Ok(el)
}

/// The value that an attribute has for good; none when it has to be asked for.
fn fixed_value(attribute: &KeyedAttribute) -> Option<String> {
    if attribute.key.to_string().contains(':') {
        return None;
    }
    match attribute.value() {
        None => Some(String::new()),
        // A flag in words is not the same as a flag.
        Some(value) if matches!(quote!(#value).to_string().as_str(), "true" | "false") => None,
        Some(_) => attribute.value_literal_string(),
    }
}

fn put(attribute: &KeyedAttribute) -> Result<Code, String> {
    let name = html_name(attribute);
    let value = attribute
        .value()
        .ok_or_else(|| format!("{name} needs a value"))?;
    match name.split_once(':') {
        None if name == "node_ref" || name == "inner_html" => {
            Err(format!("{name} is for Leptos's own view!"))
        }
        None if name == "drawn" => Ok(quote! { .drawn(#value) }),
        None => Ok(quote! { .put(#name, #value) }),
        Some(("prop", property)) => Ok(quote! { .prop(#property, #value) }),
        Some(("on", name)) => {
            let event = format_ident!("{name}");
            Ok(quote! { .on(::leptos::ev::#event, #name, #value) })
        }
        Some((prefix, _)) => Err(format!("{prefix}: is for Leptos's own view!")),
    }
}

/// `r#for` and `for` are the same attribute.
fn html_name(attribute: &KeyedAttribute) -> String {
    let name = attribute.key.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// Names of components begin with a capital, with or without a path before them.
fn is_component(tag: &Tag) -> bool {
    let name = tag.name().to_string();
    let last = name.rsplit("::").next().unwrap_or(&name);
    last.starts_with(|c: char| c.is_ascii_uppercase())
}
