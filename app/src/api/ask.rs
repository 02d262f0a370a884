//! How the browser asks what a server function answers. Leptos' own client would be code of its own for
//! each function; here all that is not the reading of an answer is there once.

use super::{ApiError, BUILD, BUILD_HEADER};
use domain::json::{from_str, to_string};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::ServerFn;
use std::cell::Cell;
use std::pin::Pin;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static SERVER_BUILD: Cell<Option<u32>> = const { Cell::new(None) };
}

/// The build that the last answer came from; none while none has said.
#[must_use]
pub fn server_build() -> Option<u32> {
    SERVER_BUILD.with(Cell::get)
}

/// Asks the server function whose arguments these are.
///
/// # Errors
/// What it answered, or [`ApiError::Unreachable`] when nothing came that it could have answered.
pub async fn ask<A: ServerFn<Error = ApiError> + Serialize>(asks: A) -> Result<A::Output, ApiError>
where
    A::Output: DeserializeOwned,
{
    let body = to_string(&asks);
    let answer = post(A::PATH, body).await?;
    from_str(&answer).map_err(|_| unreadable())
}

/// An answer that this build cannot read. One of ours that is of another build is no dead network.
fn unreadable() -> ApiError {
    match server_build() {
        Some(build) if build != BUILD => ApiError::Internal {
            request: format!("of build {build}"),
        },
        _ => ApiError::Unreachable,
    }
}

/// Boxed, so that no question holds a copy of it.
fn post(
    path: &'static str,
    body: String,
) -> Pin<Box<dyn Future<Output = Result<String, ApiError>>>> {
    Box::pin(async move {
        match send_json(path, &body).await {
            Ok((true, answer)) => Ok(answer),
            // Something in between may have answered in its own words.
            Ok((false, problem)) => {
                let why = from_str(&problem).unwrap_or(ApiError::Unreachable);
                if why == ApiError::SignedOut {
                    crate::replica::rights::leave();
                }
                Err(why)
            }
            Err(_) => Err(ApiError::Unreachable),
        }
    })
}

async fn send_json(path: &str, body: &str) -> Result<(bool, String), JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set(BUILD_HEADER, &BUILD.to_string())?;
    let how = web_sys::RequestInit::new();
    how.set_headers(&headers);
    how.set_body(&body.into());
    send(path, &how).await
}

/// Posts to the server. Whether it did it, and what it answered.
///
/// # Errors
/// The browser's, when there was no answer.
pub async fn send(address: &str, how: &web_sys::RequestInit) -> Result<(bool, String), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    how.set_method("POST");
    let asked = window.fetch_with_str_and_init(address, how);
    let answer: web_sys::Response = JsFuture::from(asked).await?.dyn_into()?;
    if let Some(build) = answer.headers().get(BUILD_HEADER)?
        && let Ok(build) = build.parse()
    {
        SERVER_BUILD.with(|b| b.set(Some(build)));
    }
    let body = JsFuture::from(answer.text()?).await?;
    Ok((answer.ok(), body.as_string().unwrap_or_default()))
}
