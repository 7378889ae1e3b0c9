//! The Confluent wire format for Protobuf: `00`, the schema's id (4 bytes, big-endian), the message's indexes, the payload.
//!
//! The indexes are a path into the file: their number and each of them as a zigzag varint, and a single `00` for the
//! first message. Here all messages are at the top of their file, so the path has one step.
//! Source: "Wire format" in Confluent's documentation of the schema registry.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

const MAGIC: u8 = 0;
/// Steps of a path that is read; a message is not nested deeper.
const MAX_INDEXES: i64 = 32;

/// The id of a schema in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub u32);

/// Puts the frame before a payload. `index` is the message's place among those of its file, from 0.
pub fn frame(id: SchemaId, index: u32, payload: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(payload.len() + 16);
    framed.put_u8(MAGIC);
    framed.put_u32(id.0);
    if index == 0 {
        put_varint(&mut framed, 0);
    } else {
        put_varint(&mut framed, 1);
        put_varint(&mut framed, i64::from(index));
    }
    framed.put_slice(payload);
    framed.freeze()
}

/// Takes the frame away; `None` if there is none. A Protobuf message never begins with a zero byte, as no field has the
/// number 0: nothing that is unframed is taken for framed.
pub fn unframe(value: &Bytes) -> Option<(SchemaId, Bytes)> {
    let mut rest = value.clone();
    if rest.len() < 6 || rest.get_u8() != MAGIC {
        return None;
    }
    let id = SchemaId(rest.get_u32());
    let steps = varint(&mut rest)?;
    if !(0..=MAX_INDEXES).contains(&steps) {
        return None;
    }
    for _ in 0..steps {
        varint(&mut rest)?;
    }
    Some((id, rest))
}

/// A zigzag varint, as Protobuf's `sint64`.
fn put_varint(out: &mut BytesMut, value: i64) {
    let mut left = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while left >= 0x80 {
        out.put_u8((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.put_u8(left as u8);
}

fn varint(bytes: &mut Bytes) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.has_remaining().then(|| bytes.get_u8())?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_published_format() {
        assert_eq!(frame(SchemaId(1), 0, b"p")[..], [0, 0, 0, 0, 1, 0, b'p']);
        // One step, to the third message: 1 and 2 as zigzag.
        assert_eq!(frame(SchemaId(0x0102_0304), 2, b"p")[..], [0, 1, 2, 3, 4, 2, 4, b'p']);
        assert_eq!(frame(SchemaId(7), 100, b"")[..], [0, 0, 0, 0, 7, 2, 0xc8, 1]);
    }

    #[test]
    fn what_was_framed_comes_back() {
        for index in [0, 1, 63, 64, 1_000, u32::MAX] {
            let framed = frame(SchemaId(9), index, b"payload");
            assert_eq!(unframe(&framed), Some((SchemaId(9), Bytes::from_static(b"payload"))));
        }
        // A nested message, as others write it: two steps.
        let nested = Bytes::from_static(&[0, 0, 0, 0, 5, 4, 2, 0, b'x']);
        assert_eq!(unframe(&nested), Some((SchemaId(5), Bytes::from_static(b"x"))));
    }

    #[test]
    fn what_is_no_frame_is_left_alone() {
        for bytes in [
            &b""[..],
            b"\x0a\x03abc",
            b"\0\0\0\0\x01",
            b"\0\0\0\0\x01\x03",
            b"\0\0\0\0\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(unframe(&Bytes::copy_from_slice(bytes)), None, "{bytes:?}");
        }
    }
}
