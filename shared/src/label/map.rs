//! A data set's own labels and what each means in canonical terms.

use super::Expression;

/// How one data set names and numbers what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelMap {
    /// The data set's name.
    pub dataset: &'static str,
    /// Its labels in its own order.
    pub entries: &'static [Entry],
}

/// One label of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The number the data set uses; `None` where it uses names only.
    pub id: Option<u8>,
    /// The name as the data set spells it, apart from upper and lower case.
    pub token: &'static str,
    /// What it means; `None` for a label that is no expression, such as "uncertain".
    pub expression: Option<Expression>,
}

/// Other words for the canonical names, in lower case.
const SYNONYMS: [(&str, Expression); 15] = [
    ("normal", Expression::Neutral),
    ("neutrality", Expression::Neutral),
    ("angry", Expression::Anger),
    ("contemptuous", Expression::Contempt),
    ("contemptful", Expression::Contempt),
    ("disgusted", Expression::Disgust),
    ("fearful", Expression::Fear),
    ("afraid", Expression::Fear),
    ("scared", Expression::Fear),
    ("happy", Expression::Happiness),
    ("joy", Expression::Happiness),
    ("sad", Expression::Sadness),
    ("surprised", Expression::Surprise),
    ("surprize", Expression::Surprise),
    ("astonished", Expression::Surprise),
];

impl Expression {
    /// The expression a common English word for it means, whatever its case: `angry`, `Happiness`.
    pub fn from_word(word: &str) -> Option<Self> {
        let lower = word.trim().to_ascii_lowercase();
        Self::from_name(&lower).or_else(|| {
            SYNONYMS.iter().find(|(synonym, _)| *synonym == lower).map(|(_, meant)| *meant)
        })
    }
}

impl LabelMap {
    /// What a name of the data set means: its own spelling first, then the common words for any
    /// expression the data set has; upper and lower case and surrounding blanks do not matter.
    /// `Ok(None)` is a label of the data set that is no expression.
    ///
    /// # Errors
    /// [`UnknownLabel`] naming the labels the data set has.
    pub fn by_token(&self, token: &str) -> Result<Option<Expression>, UnknownLabel> {
        let token = token.trim();
        let own = self.entries.iter().find(|entry| entry.token.eq_ignore_ascii_case(token));
        if let Some(entry) = own {
            return Ok(entry.expression);
        }
        let meant = Expression::from_word(token);
        if meant.is_some() && self.entries.iter().any(|entry| entry.expression == meant) {
            return Ok(meant);
        }
        Err(self.unknown(token.to_owned()))
    }

    /// What a number of the data set means; `Ok(None)` is a label that is no expression.
    ///
    /// # Errors
    /// [`UnknownLabel`] naming the labels the data set has.
    pub fn by_id(&self, id: u8) -> Result<Option<Expression>, UnknownLabel> {
        let entry = self.entries.iter().find(|entry| entry.id == Some(id));
        entry.map(|entry| entry.expression).ok_or_else(|| self.unknown(id.to_string()))
    }

    /// The expressions the data set knows, in its own order.
    pub fn expressions(&self) -> impl Iterator<Item = Expression> + use<> {
        self.entries.iter().filter_map(|entry| entry.expression)
    }

    /// The error for a label that is none of the data set's.
    fn unknown(&self, label: String) -> UnknownLabel {
        let spell = |entry: &Entry| match entry.id {
            Some(id) => format!("{id} {}", entry.token),
            None => entry.token.to_owned(),
        };
        let known: Vec<String> = self.entries.iter().map(spell).collect();
        UnknownLabel { dataset: self.dataset, label, known: known.join(", ") }
    }
}

/// A label the data set does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{label:?} is no label of {dataset}, which has: {known}")]
pub struct UnknownLabel {
    /// The data set's name.
    pub dataset: &'static str,
    /// The label as found.
    pub label: String,
    /// The labels it has.
    pub known: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_whatever_their_form_and_case() {
        for (word, meant) in [
            ("angry", Expression::Anger),
            ("Anger", Expression::Anger),
            ("HAPPY", Expression::Happiness),
            ("happiness", Expression::Happiness),
            ("sad", Expression::Sadness),
            (" Sadness ", Expression::Sadness),
            ("fearful", Expression::Fear),
            ("surprised", Expression::Surprise),
            ("disgusted", Expression::Disgust),
        ] {
            assert_eq!(Expression::from_word(word), Some(meant), "{word}");
        }
        assert_eq!(Expression::from_word("bored"), None);
        assert_eq!(Expression::from_word(""), None);
    }

    #[test]
    fn every_synonym_is_lower_case_and_no_canonical_name() {
        for (word, _) in SYNONYMS {
            assert_eq!(word, word.to_ascii_lowercase());
            assert_eq!(Expression::from_name(word), None);
        }
    }

    #[test]
    fn a_synonym_counts_only_for_expressions_the_set_has() {
        assert_eq!(LabelMap::CK_PLUS_48.by_token("sad"), Ok(Some(Expression::Sadness)));
        assert!(LabelMap::CK_PLUS_48.by_token("neutral").is_err());
    }

    #[test]
    fn an_unknown_label_names_the_ones_there_are() {
        assert_eq!(
            LabelMap::RAF_DB.by_id(0).unwrap_err().to_string(),
            "\"0\" is no label of RAF-DB, which has: 1 surprise, 2 fear, 3 disgust, \
             4 happiness, 5 sadness, 6 anger, 7 neutral"
        );
        assert_eq!(
            LabelMap::SFEW.by_token("bored").unwrap_err().to_string(),
            "\"bored\" is no label of SFEW, which has: Angry, Disgust, Fear, Happy, Neutral, Sad, \
             Surprise"
        );
    }
}
