//! Records that could not be processed: kept with their reason, byte by byte, until somebody has them tried again.

mod chunks;
mod letter;
mod office;
mod page;

pub use self::letter::{Letter, LetterId, ParseLetterIdError, Standing};
pub use self::office::{DeadLetterError, DeadLetters, Retried};
pub use self::page::{Listed, Page};

pub(crate) use self::chunks::records;
pub(crate) use self::letter::{RETRY_HEADER, Retry};
