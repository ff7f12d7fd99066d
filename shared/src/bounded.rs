//! Reading a list without trusting its stated length.
//!
//! A few bytes can claim millions of nearly empty elements; a list read through here stops at its
//! limit while it is being read, before the memory is spent.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};

/// Reads at most `LIMIT` elements; for `#[serde(deserialize_with)]`.
pub(crate) fn at_most<'de, T, D, const LIMIT: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    from.deserialize_seq(AtMost::<T, LIMIT>(PhantomData))
}

/// Collects up to `LIMIT` elements.
struct AtMost<T, const LIMIT: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const LIMIT: usize> Visitor<'de> for AtMost<T, LIMIT> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {LIMIT} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            if elements.len() == LIMIT {
                return Err(A::Error::invalid_length(LIMIT + 1, &self));
            }
            elements.push(element);
        }
        Ok(elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Three(#[serde(deserialize_with = "at_most::<_, _, 3>")] Vec<u8>);

    #[test]
    fn a_list_ends_at_its_limit() {
        assert_eq!(serde_json::from_str::<Three>("[1, 2, 3]").unwrap(), Three(vec![1, 2, 3]));
        let error = serde_json::from_str::<Three>("[1, 2, 3, 4]").unwrap_err().to_string();
        assert!(error.contains("expected at most 3 elements"), "{error}");
    }
}
