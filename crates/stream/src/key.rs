//! Keys as bytes that sort as the keys do.
//!
//! Every encoding tells its own end, so that keys can stand one behind the other: a tuple is its parts in their order,
//! and all entries under a part are one range.

use std::cmp::Reverse;

/// Bytes that are not the encoding of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no key of this kind")]
pub struct DecodeError;

/// A key. `a < b` exactly if the bytes of `a` sort before those of `b`, and no encoding is the beginning of another.
pub trait Key: Clone + Ord + Send + Sync + 'static {
    /// Appends the encoding.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads a key and leaves in `input` what follows it.
    ///
    /// # Errors
    /// The bytes do not begin with a key.
    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError>;

    /// The encoding alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// Reads a key that is all there is.
    ///
    /// # Errors
    /// The bytes are not one key.
    fn from_bytes(mut input: &[u8]) -> Result<Self, DecodeError> {
        let key = Self::decode(&mut input)?;
        if input.is_empty() { Ok(key) } else { Err(DecodeError) }
    }
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> Result<&'a [u8], DecodeError> {
    let (taken, rest) = input.split_at_checked(count).ok_or(DecodeError)?;
    *input = rest;
    Ok(taken)
}

/// Unsigned: big-endian.
macro_rules! unsigned {
    ($($kind:ty),*) => {$(
        impl Key for $kind {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
                let bytes = take(input, size_of::<Self>())?;
                Ok(Self::from_be_bytes(bytes.try_into().map_err(|_| DecodeError)?))
            }
        }
    )*};
}

unsigned!(u8, u16, u32, u64, u128);

/// Signed: big-endian with the sign bit turned round.
macro_rules! signed {
    ($($kind:ty as $unsigned:ty),*) => {$(
        impl Key for $kind {
            fn encode(&self, out: &mut Vec<u8>) {
                (self.cast_unsigned() ^ (1 << (<$unsigned>::BITS - 1))).encode(out);
            }

            fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
                Ok((<$unsigned>::decode(input)? ^ (1 << (<$unsigned>::BITS - 1))).cast_signed())
            }
        }
    )*};
}

signed!(i8 as u8, i16 as u16, i32 as u32, i64 as u64);

impl Key for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        match u8::decode(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError),
        }
    }
}

/// The end of a text is 00 01, and a zero in it is 00 FF: so what is shorter comes first.
fn encode_text(text: &[u8], out: &mut Vec<u8>) {
    for part in text.split_inclusive(|byte| *byte == 0) {
        out.extend_from_slice(part);
        if part.ends_with(&[0]) {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

fn decode_text(input: &mut &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut text = Vec::new();
    loop {
        let zero = input.iter().position(|byte| *byte == 0).ok_or(DecodeError)?;
        text.extend_from_slice(take(input, zero)?);
        match take(input, 2)? {
            [0, 1] => return Ok(text),
            [0, 0xFF] => text.push(0),
            _ => return Err(DecodeError),
        }
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_text(self.as_bytes(), out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        Self::from_utf8(decode_text(input)?).map_err(|_| DecodeError)
    }
}

impl Key for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_text(self, out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        decode_text(input)
    }
}

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        take(input, N)?.try_into().map_err(|_| DecodeError)
    }
}

/// `None` comes first.
impl<K: Key> Key for Option<K> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.is_some().encode(out);
        if let Some(key) = self {
            key.encode(out);
        }
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        if bool::decode(input)? { K::decode(input).map(Some) } else { Ok(None) }
    }
}

/// The greatest comes first: every bit turned round.
impl<K: Key> Key for Reverse<K> {
    fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.0.encode(out);
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        let turned: Vec<u8> = input.iter().map(|byte| !byte).collect();
        let mut rest = turned.as_slice();
        let key = K::decode(&mut rest)?;
        take(input, turned.len() - rest.len())?;
        Ok(Self(key))
    }
}

macro_rules! tuple {
    ($($part:ident $at:tt),*) => {
        impl<$($part: Key),*> Key for ($($part,)*) {
            fn encode(&self, out: &mut Vec<u8>) {
                let _ = &out;
                $(self.$at.encode(out);)*
            }

            fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
                let _ = &input;
                Ok(($($part::decode(input)?,)*))
            }
        }
    };
}

tuple!();
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// The first bytes after everything that begins with these; `None` if there is no such thing.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xFF)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
