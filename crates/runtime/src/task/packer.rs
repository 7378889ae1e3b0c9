//! Small pieces of bytes in few allocations.

use bytes::{Bytes, BytesMut};

/// What is allocated at once. It is freed when none of its pieces is left, so pieces are for what lives about as long.
const ROOM: usize = 32 * 1024;

/// Makes [`Bytes`] that share their memory: neither making nor cloning one allocates.
#[derive(Default)]
pub(super) struct Packer {
    room: BytesMut,
}

impl Packer {
    /// The parts, one behind the other.
    pub(super) fn pack(&mut self, parts: &[&[u8]]) -> Bytes {
        let bytes = parts.iter().map(|part| part.len()).sum();
        if self.room.capacity() < bytes {
            self.room = BytesMut::with_capacity(ROOM.max(bytes));
        }
        for part in parts {
            self.room.extend_from_slice(part);
        }
        self.room.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stay_what_they_are_however_many_follow() {
        let mut packer = Packer::default();
        let piece = |number: usize| vec![number as u8; number % 700];
        let packed: Vec<_> = (0..500).map(|number| packer.pack(&[b"<", &piece(number), b">"])).collect();
        let long = packer.pack(&[&vec![1; 2 * ROOM]]);
        for (number, packed) in packed.iter().enumerate() {
            assert_eq!(packed.as_ref(), [b"<", piece(number).as_slice(), b">"].concat());
        }
        assert_eq!(long.len(), 2 * ROOM);
    }
}
