//! Writes types that derive `Serialize` as JSON text.
//!
//! The text is the one that serde_json's own writer makes. That one is made of small parts, each
//! of which can fail, and the compiler makes code of all of them for every field of every type.
//! This one writes into memory, which cannot fail, and its parts are whole functions.

use serde::ser::{self, Serialize};
use std::fmt;

/// Writes a value.
///
/// # Panics
/// When the value's own `Serialize` gives up. What derives it never does.
#[must_use]
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> String {
    let mut writer = Writer(String::new(), None);
    let Ok(()) = value.serialize(&mut writer);
    writer.0
}

/// Every text in a value, each with the name of the field it is in, in the order of the fields. The
/// names of variants, ids, times and numbers are no texts. The same writer finds them: a second one would be
/// code for every type once more.
///
/// # Panics
/// As [`to_string`].
#[must_use]
pub fn texts<T: Serialize + ?Sized>(value: &T) -> Vec<(&'static str, String)> {
    let mut writer = Writer(String::new(), Some(Texts::default()));
    let Ok(()) = value.serialize(&mut writer);
    writer.1.map(|texts| texts.found).unwrap_or_default()
}

/// The text so far. Where a comma goes is seen by its last character: an opened list or object has
/// nothing in it yet. Beside it the texts in the value, for who asks for them.
struct Writer(String, Option<Texts>);

/// Texts and where they are.
#[derive(Default)]
struct Texts {
    /// The field that is being written.
    field: &'static str,
    found: Vec<(&'static str, String)>,
}

impl Writer {
    #[inline(never)]
    fn raw(&mut self, json: &str) {
        self.0.push_str(json);
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.0.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, from) = rest.split_at(at);
            self.0.push_str(plain);
            self.escape(from.as_bytes()[0]);
            rest = &from[1..];
        }
        self.0.push_str(rest);
        self.0.push('"');
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'\n' => 'n',
            b'\r' => 'r',
            b'\t' => 't',
            0x08 => 'b',
            0x0c => 'f',
            b'"' | b'\\' => char::from(byte),
            _ => {
                self.0.push_str(if byte < 16 { "\\u000" } else { "\\u001" });
                self.0
                    .push(char::from(b"0123456789abcdef"[usize::from(byte % 16)]));
                return;
            }
        };
        self.0.push('\\');
        self.0.push(short);
    }

    #[inline(never)]
    fn whole(&mut self, n: u64) {
        self.0.push_str(&n.to_string());
    }

    #[inline(never)]
    fn negative(&mut self, n: i64) {
        if n < 0 {
            self.0.push('-');
        }
        self.whole(n.unsigned_abs());
    }

    /// As serde_json does; what is no number is null.
    #[inline(never)]
    fn fraction(&mut self, n: f64) {
        match serde_json::Number::from_f64(n) {
            Some(n) => self.0.push_str(&n.to_string()),
            None => self.0.push_str("null"),
        }
    }

    /// A comma, unless this is the first of its list or object.
    #[inline(never)]
    fn next(&mut self) {
        if !self.0.ends_with(['[', '{']) {
            self.0.push(',');
        }
    }

    /// The name of a field, up to its value.
    #[inline(never)]
    fn field(&mut self, name: &'static str) {
        if let Some(texts) = &mut self.1 {
            texts.field = name;
        }
        self.next();
        self.text(name);
        self.0.push(':');
    }

    /// The name of a variant that holds something, up to what it holds.
    #[inline(never)]
    fn variant(&mut self, name: &str, open: &str) {
        self.0.push('{');
        self.text(name);
        self.0.push(':');
        self.0.push_str(open);
    }

    /// Makes a text of what was written from `start` on: keys can be numbers.
    #[inline(never)]
    fn key_from(&mut self, start: usize) {
        if !self.0[start..].starts_with('"') {
            self.0.insert(start, '"');
            self.0.push('"');
        }
        self.0.push(':');
    }
}

/// Nothing goes wrong in writing, and so no field has code for it.
#[derive(Debug)]
enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(why: T) -> Self {
        panic!("a value that cannot be JSON: {why}")
    }
}

type Written = Result<(), Never>;

/// One method for each kind of number, all the same.
macro_rules! numbers {
    ($($method:ident $number:ty, $how:ident;)*) => {$(
        fn $method(self, n: $number) -> Written {
            self.$how(n.into());
            Ok(())
        }
    )*};
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_u8 u8, whole;
        serialize_u16 u16, whole;
        serialize_u32 u32, whole;
        serialize_u64 u64, whole;
        serialize_i8 i8, negative;
        serialize_i16 i16, negative;
        serialize_i32 i32, negative;
        serialize_i64 i64, negative;
        serialize_f32 f32, fraction;
        serialize_f64 f64, fraction;
    }

    fn serialize_bool(self, yes: bool) -> Written {
        self.raw(if yes { "true" } else { "false" });
        Ok(())
    }

    fn serialize_char(self, c: char) -> Written {
        self.text(c.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Written {
        if let Some(texts) = &mut self.1 {
            texts.found.push((texts.field, text.to_owned()));
        }
        self.text(text);
        Ok(())
    }

    /// What has a type of its own and writes itself as text: a time, a day, a number.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Written {
        self.text(&value.to_string());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.raw("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        self.text(name);
        Ok(())
    }

    /// An id: the text in it is no text of the value.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        let texts = self.1.take();
        value.serialize(&mut *self)?;
        self.1 = texts;
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Written {
        self.variant(name, "");
        value.serialize(&mut *self)?;
        self.raw("}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Never> {
        self.raw("[");
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        self.variant(name, "[");
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Never> {
        self.raw("{");
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        self.variant(name, "{");
        Ok(self)
    }
}

/// One impl for each kind of list and of named fields: what a part is called, what comes before it,
/// and what closes them.
macro_rules! parts {
    ($($kind:ident $part:ident, $before:ident($($name:ident)?), $close:literal;)*) => {$(
        impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Never;

            fn $part<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                part: &T,
            ) -> Written {
                self.$before($($name)?);
                part.serialize(&mut **self)
            }

            fn end(self) -> Written {
                self.raw($close);
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element, next(), "]";
    SerializeTuple serialize_element, next(), "]";
    SerializeTupleStruct serialize_field, next(), "]";
    SerializeTupleVariant serialize_field, next(), "]}";
    SerializeStruct serialize_field, field(name), "}";
    SerializeStructVariant serialize_field, field(name), "}}";
}

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.next();
        let start = self.0.len();
        key.serialize(&mut **self)?;
        self.key_from(start);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        self.raw("}");
        Ok(())
    }
}
