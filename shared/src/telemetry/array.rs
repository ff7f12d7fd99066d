//! Serde for arrays of more than 32 items, as a tuple: the items and no count.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeTuple as _,
};

/// Writes the items.
pub(super) fn serialize<S: Serializer, T: Serialize, const N: usize>(
    items: &[T; N],
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut tuple = to.serialize_tuple(N)?;
    items.iter().try_for_each(|item| tuple.serialize_element(item))?;
    tuple.end()
}

/// Reads as many items as the array holds.
pub(super) fn deserialize<'de, D, T, const N: usize>(from: D) -> Result<[T; N], D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Copy + Default,
{
    from.deserialize_tuple(N, Items(PhantomData))
}

/// Takes `N` items of type `T`.
struct Items<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Copy + Default, const N: usize> Visitor<'de> for Items<T, N> {
    type Value = [T; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<[T; N], A::Error> {
        let mut items = [T::default(); N];
        for (index, item) in items.iter_mut().enumerate() {
            *item = from.next_element()?.ok_or_else(|| Error::invalid_length(index, &self))?;
        }
        Ok(items)
    }
}
