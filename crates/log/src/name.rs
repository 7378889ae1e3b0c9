//! Names that are checked once, when they are made.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::NameError;
use crate::limits::MAX_NAME_BYTES;

/// Kafka's alphabet for topic names, used for every name so that no engine needs to translate.
fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name == "." || name == ".." {
        return Err(NameError::Reserved);
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(NameError::TooLong { bytes: name.len(), max: MAX_NAME_BYTES });
    }
    match name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
        Some(character) => Err(NameError::Character { character }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to [`MAX_NAME_BYTES`] characters of `[a-zA-Z0-9._-]`, and neither `.` nor `..`. Cheap to clone.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a name.
            ///
            /// # Errors
            /// [`NameError`] if it is empty, reserved, too long or has another character.
            pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
                check(name.as_ref())?;
                Ok(Self(Arc::from(name.as_ref())))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

name! {
    /// A topic: a named set of partitions with one cleanup policy.
    Topic
}
name! {
    /// A consumer group: members that share the partitions of their topics, and the positions they have committed.
    GroupId
}
name! {
    /// One member of a consumer group. Joining again with the same id replaces the earlier member.
    MemberId
}
name! {
    /// The owner of a chain of transactions. At most one producer with this id can commit at any time.
    TransactionalId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_checked_when_it_is_made() {
        assert_eq!(Topic::new("match-events.v1_a").expect("valid").as_str(), "match-events.v1_a");
        assert_eq!(Topic::new(""), Err(NameError::Reserved));
        assert_eq!(Topic::new(".."), Err(NameError::Reserved));
        assert_eq!(Topic::new("a/b"), Err(NameError::Character { character: '/' }));
        assert_eq!(Topic::new("ü"), Err(NameError::Character { character: 'ü' }));
        assert!(Topic::new("a".repeat(249)).is_ok());
        assert_eq!(Topic::new("a".repeat(250)), Err(NameError::TooLong { bytes: 250, max: 249 }));
    }
}
