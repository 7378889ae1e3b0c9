//! Frames: the unit of the journal that is there whole or not at all.
//!
//! ```text
//! magic u32 │ payload bytes u32 │ crc32c u32 │ durable u32 │ kind u8 │ 0 × 7 │ payload │ 0 … to a multiple of 8
//! ```
//!
//! The checksum covers the segment's salt, the frame's own position, every header field and the payload, so a frame
//! is valid only where it was written: bytes of an earlier file or inside a record are never taken for one.
//! `durable` is the position below which the segment was known to be on disk when the frame was written. It tells a
//! torn tail from damage: a valid frame whose `durable` is beyond a bad one proves that the bad one was acknowledged.

/// Bytes before the payload.
pub(crate) const FRAME_HEADER: usize = 24;
/// Every frame starts at a multiple of this.
pub(crate) const FRAME_ALIGNMENT: u64 = 8;
const MAGIC: u32 = u32::from_le_bytes(*b"TSF1");

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Everything but the records, as it was when the segment began.
    Checkpoint,
    /// One transaction.
    Commit,
    /// A new topic.
    Topic,
    /// A new start of a partition.
    Trim,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Checkpoint, Self::Commit, Self::Topic, Self::Trim].into_iter().find(|kind| kind.byte() == byte)
    }

    fn byte(self) -> u8 {
        match self {
            Self::Checkpoint => 1,
            Self::Commit => 2,
            Self::Topic => 3,
            Self::Trim => 4,
        }
    }
}

/// A frame with a valid checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) durable: u32,
    /// The payload's place in the bytes that were checked.
    pub(crate) payload: std::ops::Range<usize>,
    /// Where the next frame starts: beyond the bytes that were checked if they end inside the padding, which means
    /// nothing.
    pub(crate) end: usize,
}

/// Why there is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Zeros, or nothing: the end of what was written.
    End,
    /// Something else.
    Bad(&'static str),
}

/// An empty frame whose payload can be appended.
pub(crate) fn begin() -> Vec<u8> {
    vec![0; FRAME_HEADER]
}

/// Completes a frame except for what depends on its place. Returns `None` if it is too large for the format.
pub(crate) fn finish(frame: &mut Vec<u8>, kind: Kind) -> Option<()> {
    let payload = u32::try_from(frame.len() - FRAME_HEADER).ok()?;
    frame[0..4].copy_from_slice(&MAGIC.to_le_bytes());
    frame[4..8].copy_from_slice(&payload.to_le_bytes());
    frame[16] = kind.byte();
    frame.resize(frame.len().next_multiple_of(FRAME_ALIGNMENT as usize), 0);
    Some(())
}

/// Gives a finished frame its place.
pub(crate) fn seal(frame: &mut [u8], salt: u64, position: u64, durable: u32) {
    frame[12..16].copy_from_slice(&durable.to_le_bytes());
    let payload = payload_bytes(frame);
    let crc = checksum(&frame[..FRAME_HEADER + payload], salt, position);
    frame[8..12].copy_from_slice(&crc.to_le_bytes());
}

/// The frame at `bytes[at..]`, which is at `position` of the segment.
pub(crate) fn read(bytes: &[u8], at: usize, salt: u64, position: u64) -> Result<Frame, Fault> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(header) = rest.get(..FRAME_HEADER) else {
        return Err(if rest.iter().all(|byte| *byte == 0) {
            Fault::End
        } else {
            Fault::Bad("a cut frame header")
        });
    };
    if header.iter().all(|byte| *byte == 0) {
        return Err(Fault::End);
    }
    if header[..4] != MAGIC.to_le_bytes() {
        return Err(Fault::Bad("no frame starts here"));
    }
    let length = payload_bytes(header);
    let Some(whole) = rest.get(..FRAME_HEADER + length) else { return Err(Fault::Bad("a cut frame")) };
    if checksum(whole, salt, position).to_le_bytes() != header[8..12] {
        return Err(Fault::Bad("a wrong checksum"));
    }
    let kind = Kind::from_byte(header[16]).ok_or(Fault::Bad("an unknown kind of frame"))?;
    let durable = u32::from_le_bytes([header[12], header[13], header[14], header[15]]);
    let payload = at + FRAME_HEADER..at + FRAME_HEADER + length;
    let end = at + (FRAME_HEADER + length).next_multiple_of(FRAME_ALIGNMENT as usize);
    Ok(Frame { kind, durable, payload, end })
}

fn payload_bytes(header: &[u8]) -> usize {
    u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize
}

fn checksum(frame: &[u8], salt: u64, position: u64) -> u32 {
    let crc = crc32c::crc32c(&salt.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &position.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &frame[..8]);
    crc32c::crc32c_append(crc, &frame[12..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};

    use super::*;

    fn framed(payload: &[u8], salt: u64, position: u64) -> Vec<u8> {
        let mut frame = begin();
        frame.extend_from_slice(payload);
        finish(&mut frame, Kind::Commit).expect("small");
        seal(&mut frame, salt, position, 7);
        frame
    }

    #[test]
    fn a_frame_is_valid_only_at_its_place() {
        let bytes = framed(b"payload", 1, 64);
        let frame = read(&bytes, 0, 1, 64).expect("valid");
        assert_eq!(
            (frame.kind, frame.durable, &bytes[frame.payload.clone()]),
            (Kind::Commit, 7, &b"payload"[..])
        );
        assert_eq!(frame.end, 32);
        assert_eq!(read(&bytes[..31], 0, 1, 64), Ok(frame), "the padding means nothing");
        assert!(read(&bytes, 0, 2, 64).is_err());
        assert!(read(&bytes, 0, 1, 72).is_err());
        assert_eq!(read(&[0; 100], 0, 1, 64), Err(Fault::End));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_change_of_a_frame_is_found(
            payload in prop::collection::vec(any::<u8>(), 0..200), byte in any::<usize>(), bit in 0..8u32,
        ) {
            let mut bytes = framed(&payload, 1, 64);
            let byte = byte % (FRAME_HEADER + payload.len());
            bytes[byte] ^= 1 << bit;
            prop_assert!(read(&bytes, 0, 1, 64).is_err());
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..250usize) {
            prop_assert!(read(&bytes, at, 1, 64).is_err());
        }
    }
}
