//! The translations: messages of Fluent files, which are in the program.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::language::Language;

/// The words of a language.
pub struct Words(FluentBundle<FluentResource>);

/// The text of a translation.
pub(super) const fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../i18n/en.ftl"),
        Language::De => include_str!("../../i18n/de.ftl"),
    }
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Language::En));
static GERMAN: LazyLock<Words> = LazyLock::new(|| Words::read(Language::De));

impl Words {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Words {
        match language {
            Language::En => &ENGLISH,
            Language::De => &GERMAN,
        }
    }

    /// What is damaged in a file is left out; a test sees that nothing is.
    fn read(language: Language) -> Self {
        let resource = FluentResource::try_new(source(language).to_owned());
        let resource = resource.unwrap_or_else(|(readable, _)| readable);
        let locale = language.as_str().parse::<LanguageIdentifier>().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // No marks of direction around what is filled in: all languages here are read from left to right.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Words(bundle)
    }

    /// A message with what is to be filled in; its name where there is none.
    pub fn say(&self, name: &str, variables: &Variables) -> String {
        self.try_say(name, variables).unwrap_or_else(|| name.to_owned())
    }

    /// `None` if there is no such message, or a variable of it is missing.
    pub fn try_say(&self, name: &str, variables: &Variables) -> Option<String> {
        let pattern = self.0.get_message(name)?.value()?;
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(&variables.0), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

/// What is filled in.
#[derive(Default)]
pub struct Variables(FluentArgs<'static>);

impl Variables {
    /// With a text.
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.0.set(name, text.into());
        self
    }

    /// With a number, which also chooses the form of the words around it.
    pub fn number(mut self, name: &'static str, number: impl Into<i64>) -> Self {
        self.0.set(name, FluentValue::from(number.into()));
        self
    }
}
