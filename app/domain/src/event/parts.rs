//! Takes apart what serde derives for [`Event`](super::Event), a variant's name around its fields: the
//! name alone and the fields alone. Written straight to where they go, without a value in between: that
//! would be a second writer for each type that an event holds.

use serde::ser::{self, Impossible, SerializeStruct, SerializeStructVariant};
use serde::{Serialize, Serializer};
use std::fmt;

/// Takes a variant for its fields.
pub(super) struct Holds<S>(pub(super) S);

/// Takes a variant for its name, which it answers as [`Name`].
pub(super) struct Named;

/// The name of a variant. As an error, so that nothing else is looked at.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Name(pub(super) &'static str);

impl ser::Error for Name {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("unknown")
    }
}

/// Every variant has named fields: nothing else is ever written.
macro_rules! nothing_but_variants {
    () => {
        type SerializeSeq = Impossible<Self::Ok, Self::Error>;
        type SerializeTuple = Impossible<Self::Ok, Self::Error>;
        type SerializeTupleStruct = Impossible<Self::Ok, Self::Error>;
        type SerializeTupleVariant = Impossible<Self::Ok, Self::Error>;
        type SerializeMap = Impossible<Self::Ok, Self::Error>;
        type SerializeStruct = Impossible<Self::Ok, Self::Error>;

        nothing_but_variants! {
            serialize_bool(bool) -> Self::Ok;
            serialize_i8(i8) -> Self::Ok;
            serialize_i16(i16) -> Self::Ok;
            serialize_i32(i32) -> Self::Ok;
            serialize_i64(i64) -> Self::Ok;
            serialize_u8(u8) -> Self::Ok;
            serialize_u16(u16) -> Self::Ok;
            serialize_u32(u32) -> Self::Ok;
            serialize_u64(u64) -> Self::Ok;
            serialize_f32(f32) -> Self::Ok;
            serialize_f64(f64) -> Self::Ok;
            serialize_char(char) -> Self::Ok;
            serialize_str(&str) -> Self::Ok;
            serialize_bytes(&[u8]) -> Self::Ok;
            serialize_none() -> Self::Ok;
            serialize_unit() -> Self::Ok;
            serialize_unit_struct(&'static str) -> Self::Ok;
            serialize_unit_variant(&'static str, u32, &'static str) -> Self::Ok;
            serialize_seq(Option<usize>) -> Self::SerializeSeq;
            serialize_tuple(usize) -> Self::SerializeTuple;
            serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
            serialize_map(Option<usize>) -> Self::SerializeMap;
            serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        }
    };
    ($($method:ident($($of:ty),*) -> $gives:ty;)*) => {
        $(fn $method(self, $(_: $of),*) -> Result<$gives, Self::Error> {
            Err(ser::Error::custom("an event has named fields"))
        })*

        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Self::Ok, Self::Error> {
            self.serialize_none()
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            self.serialize_none()
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            self.serialize_none()
        }
    };
}

impl<S: Serializer> Serializer for Holds<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeStructVariant = Fields<S::SerializeStruct>;

    nothing_but_variants! {}

    fn serialize_struct_variant(
        self,
        of: &'static str,
        _: u32,
        _: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.0.serialize_struct(of, len).map(Fields)
    }
}

impl Serializer for Named {
    type Ok = ();
    type Error = Name;
    type SerializeStructVariant = Impossible<(), Name>;

    nothing_but_variants! {}

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Name> {
        Err(Name(variant))
    }
}

/// The fields of a variant as those of a struct.
pub(super) struct Fields<S>(S);

impl<S: SerializeStruct> SerializeStructVariant for Fields<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        self.0.serialize_field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
        self.0.skip_field(name)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}
