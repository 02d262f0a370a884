//! Reads JSON values into types that derive `Deserialize`, and writes (`write`) those that derive `Serialize`.
//!
//! It accepts what serde_json's own reader of values accepts of the JSON that we write, and
//! gives the same. It exists for the browser's sake: serde_json's reader takes a struct as an
//! object or as a list, a field's name as text or as a number, and so on, and the compiler
//! makes code of every such way for every type. This one takes each type in the one way in
//! which serde writes it, and hands a struct's fields over in their order, so that no type has
//! code that looks for names. No type that it reads may have aliases, flattened fields, keys of maps that
//! are numbers, enums that are tagged inside or not at all, or an option that is not none by default.

mod write;

pub use write::{texts, to_string};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a value.
///
/// # Errors
/// [`Unreadable`] when the value is not of this type.
pub fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Unreadable> {
    T::deserialize(Reader::of(&mut value))
}

/// Reads JSON text.
///
/// # Errors
/// [`Unreadable`] when it is not JSON, or not of this type.
pub fn from_str<T: DeserializeOwned>(json: &str) -> Result<T, Unreadable> {
    let value = serde_json::from_str(json).map_err(|_| Unreadable(Why::NoJson))?;
    from_value(value)
}

/// Why a value cannot be read, for a log; people never see it. It is one byte, so that it costs the
/// browser next to nothing to pass it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(Why);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error("no JSON")]
    NoJson,
    #[error("missing")]
    Missing,
    #[error("no text")]
    NoText,
    #[error("no list")]
    NoList,
    #[error("no object")]
    NoObject,
    #[error("no variant")]
    NoVariant,
    #[error("no number")]
    NoNumber,
    #[error("neither true nor false")]
    NoBool,
    #[error("not null")]
    NotNull,
    #[error("a list that is too long")]
    TooLong,
    #[error("a variant that holds something")]
    HoldsSomething,
    #[error("a value that its type refuses")]
    Refused,
    #[error("a value of another type")]
    OtherType,
    #[error("a value that is out of range")]
    OutOfRange,
    #[error("a field or an item is missing")]
    Incomplete,
    #[error("an unknown variant")]
    UnknownVariant,
}

/// Of a field that is not there. Never leaves this module: [`Fields`] takes it.
const MISSING: Unreadable = Unreadable(Why::Missing);

impl Unreadable {
    /// Whether it is a variant that this build does not have.
    #[must_use]
    pub fn is_unknown_variant(self) -> bool {
        self == Self(Why::UnknownVariant)
    }

    #[inline(never)]
    fn is_missing(self) -> bool {
        self == MISSING
    }
}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(Why::Refused)
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(Why::OtherType)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(Why::OutOfRange)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self(Why::Incomplete)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self(Why::UnknownVariant)
    }
}

/// A value as serde reads it, which takes out of it what it needs; none where the object has no
/// such field: that of an option is none. It is lent and not given, so that no type has code to
/// move it about and to throw the rest away.
pub(crate) struct Reader<'a>(Option<&'a mut Value>);

impl<'a> Reader<'a> {
    pub(crate) fn of(value: &'a mut Value) -> Self {
        Self(Some(value))
    }

    #[inline(never)]
    fn value(self) -> Result<&'a mut Value, Unreadable> {
        self.0.ok_or(MISSING)
    }

    #[inline(never)]
    fn text(self) -> Result<String, Unreadable> {
        match self.value()? {
            Value::String(text) => Ok(std::mem::take(text)),
            _ => Err(Unreadable(Why::NoText)),
        }
    }

    #[inline(never)]
    fn list(self) -> Result<Items<'a>, Unreadable> {
        match self.value()? {
            Value::Array(items) => Ok(Items(items.iter_mut())),
            _ => Err(Unreadable(Why::NoList)),
        }
    }

    #[inline(never)]
    fn object(self) -> Result<&'a mut Map<String, Value>, Unreadable> {
        match self.value()? {
            Value::Object(object) => Ok(object),
            _ => Err(Unreadable(Why::NoObject)),
        }
    }

    #[inline(never)]
    fn fields(self, names: &'static [&'static str]) -> Result<Fields<'a>, Unreadable> {
        Ok(Fields {
            names: names.iter(),
            object: self.object()?,
        })
    }

    #[inline(never)]
    fn entries(self) -> Result<Entries<'a>, Unreadable> {
        Ok(Entries {
            left: self.object()?.iter_mut(),
            value: None,
        })
    }

    /// A variant's name and what it holds.
    #[inline(never)]
    fn variant(self) -> Result<Variant<'a>, Unreadable> {
        let value = self.value()?;
        if let Value::String(name) = value {
            let name = std::mem::take(name);
            *value = Value::Null;
            return Ok(Variant { name, holds: value });
        }
        let one = match value {
            Value::Object(one) if one.len() == 1 => one.iter_mut().next(),
            _ => None,
        };
        let (name, holds) = one.ok_or(Unreadable(Why::NoVariant))?;
        let name = name.clone();
        Ok(Variant { name, holds })
    }

    #[inline(never)]
    fn number(self) -> Result<Number, Unreadable> {
        const NONE: Unreadable = Unreadable(Why::NoNumber);
        let Value::Number(number) = self.value()? else {
            return Err(NONE);
        };
        let whole = number.as_u64().map(Number::Whole);
        let negative = || number.as_i64().map(Number::Negative);
        let fraction = || number.as_f64().map(Number::Fraction);
        whole.or_else(negative).or_else(fraction).ok_or(NONE)
    }
}

enum Number {
    Whole(u64),
    Negative(i64),
    Fraction(f64),
}

/// One method for each kind of number, all the same.
macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            match self.number()? {
                Number::Whole(n) => visitor.visit_u64(n),
                Number::Negative(n) => visitor.visit_i64(n),
                Number::Fraction(n) => visitor.visit_f64(n),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = Unreadable;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    /// For what takes any value: a value itself.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value()? {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            number @ Value::Number(_) => Reader::of(number).deserialize_u64(visitor),
            Value::String(text) => visitor.visit_string(std::mem::take(text)),
            list @ Value::Array(_) => Reader::of(list).deserialize_seq(visitor),
            object @ Value::Object(_) => Reader::of(object).deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value()? {
            Value::Bool(yes) => visitor.visit_bool(*yes),
            _ => Err(Unreadable(Why::NoBool)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            None | Some(Value::Null) => visitor.visit_none(),
            Some(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value()? {
            Value::Null => visitor.visit_unit(),
            _ => Err(Unreadable(Why::NotNull)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let mut items = self.list()?;
        let read = visitor.visit_seq(&mut items)?;
        items.all_read()?;
        Ok(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(fields)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self.variant()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }
}

struct Items<'a>(std::slice::IterMut<'a, Value>);

impl Items<'_> {
    #[inline(never)]
    fn all_read(&self) -> Result<(), Unreadable> {
        match self.0.as_slice() {
            [] => Ok(()),
            _ => Err(Unreadable(Why::TooLong)),
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        match self.0.next() {
            Some(item) => seed.deserialize(Reader::of(item)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The fields of a struct in the order in which it declares them, which serde reads in far less
/// code than names in any order.
struct Fields<'a> {
    names: std::slice::Iter<'static, &'static str>,
    object: &'a mut Map<String, Value>,
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Unreadable;

    /// None for a field that is not there and has to be: serde then takes its default, or refuses.
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        match seed.deserialize(self.next()) {
            Ok(read) => Ok(Some(read)),
            Err(why) if why.is_missing() => Ok(None),
            Err(why) => Err(why),
        }
    }
}

impl Fields<'_> {
    #[inline(never)]
    fn next(&mut self) -> Reader<'_> {
        let name = self.names.next();
        Reader(name.and_then(|name| self.object.get_mut(*name)))
    }
}

/// Keys and values of a map.
struct Entries<'a> {
    left: serde_json::map::IterMut<'a>,
    /// Of the key that was read last.
    value: Option<&'a mut Value>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        match self.left.next() {
            Some((key, value)) => {
                self.value = Some(value);
                let mut key = Value::String(key.clone());
                seed.deserialize(Reader::of(&mut key)).map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        seed.deserialize(Reader(self.value.take()))
    }
}

struct Variant<'a> {
    name: String,
    holds: &'a mut Value,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Unreadable;
    type Variant = Reader<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Reader<'a>), Unreadable> {
        let mut name = Value::String(self.name);
        let name = seed.deserialize(Reader::of(&mut name))?;
        Ok((name, Reader::of(self.holds)))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        match self.0 {
            Some(Value::Null) => Ok(()),
            _ => Err(Unreadable(Why::HoldsSomething)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        de::Deserializer::deserialize_seq(self, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.fields(fields)?)
    }
}
