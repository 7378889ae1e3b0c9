//! Values as bytes: postcard, which is compact and not self-describing. Who changes the shape of a value that is stored
//! or repartitioned raises the version of the topology.

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::key::DecodeError;

/// What rows can say. Equal values have equal bytes, and no floats are in them: they have no total order.
pub trait Value: Clone + Ord + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Ord + Serialize + DeserializeOwned + Send + Sync + 'static> Value for T {}

struct Appending<'a>(&'a mut Vec<u8>);

impl Flavor for Appending<'_> {
    type Output = ();

    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.push(data);
        Ok(())
    }

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(data);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Appends the encoding of a value.
pub fn encode_value<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    postcard::serialize_with_flavor(value, Appending(out))
        .expect("a vector takes everything, and values are of kinds that postcard has");
}

/// Reads a value that is all there is.
///
/// # Errors
/// The bytes are not one such value.
pub fn decode_value<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| DecodeError)?;
    if rest.is_empty() { Ok(value) } else { Err(DecodeError) }
}

/// Reads a value and leaves in `input` what follows it.
pub(crate) fn take_value<T: DeserializeOwned>(input: &mut &[u8]) -> Result<T, DecodeError> {
    let (value, rest) = postcard::take_from_bytes(input).map_err(|_| DecodeError)?;
    *input = rest;
    Ok(value)
}
