//! The data sets' label tables, each in the order its makers publish.

use super::{
    Entry,
    Expression::{self, Anger, Contempt, Disgust, Fear, Happiness, Neutral, Sadness, Surprise},
    LabelMap,
};

impl LabelMap {
    /// FER2013: `emotion` column of `fer2013.csv`.
    pub const FER2013: Self = Self {
        dataset: "FER2013",
        entries: &[
            id(0, "angry", Anger),
            id(1, "disgust", Disgust),
            id(2, "fear", Fear),
            id(3, "happy", Happiness),
            id(4, "sad", Sadness),
            id(5, "surprise", Surprise),
            id(6, "neutral", Neutral),
        ],
    };

    /// FER+: the vote columns of `fer2013new.csv`, by position; `NF` is "not a face".
    pub const FERPLUS: Self = Self {
        dataset: "FER+",
        entries: &[
            id(0, "neutral", Neutral),
            id(1, "happiness", Happiness),
            id(2, "surprise", Surprise),
            id(3, "sadness", Sadness),
            id(4, "anger", Anger),
            id(5, "disgust", Disgust),
            id(6, "fear", Fear),
            id(7, "contempt", Contempt),
            none(8, "unknown"),
            none(9, "NF"),
        ],
    };

    /// CK+: the number in `*_emotion.txt`.
    pub const CK_PLUS: Self = Self {
        dataset: "CK+",
        entries: &[
            id(0, "neutral", Neutral),
            id(1, "anger", Anger),
            id(2, "contempt", Contempt),
            id(3, "disgust", Disgust),
            id(4, "fear", Fear),
            id(5, "happy", Happiness),
            id(6, "sadness", Sadness),
            id(7, "surprise", Surprise),
        ],
    };

    /// CK+48: folder names.
    pub const CK_PLUS_48: Self = Self {
        dataset: "CK+48",
        entries: &[
            name("anger", Anger),
            name("contempt", Contempt),
            name("disgust", Disgust),
            name("fear", Fear),
            name("happy", Happiness),
            name("sadness", Sadness),
            name("surprise", Surprise),
        ],
    };

    /// Oulu-CASIA: folder names, whose case varies between copies.
    pub const OULU_CASIA: Self = Self {
        dataset: "Oulu-CASIA",
        entries: &[
            name("Anger", Anger),
            name("Disgust", Disgust),
            name("Fear", Fear),
            name("Happiness", Happiness),
            name("Sadness", Sadness),
            name("Surprise", Surprise),
        ],
    };

    /// RAF-DB basic: the number in `list_patition_label.txt`.
    pub const RAF_DB: Self = Self {
        dataset: "RAF-DB",
        entries: &[
            id(1, "surprise", Surprise),
            id(2, "fear", Fear),
            id(3, "disgust", Disgust),
            id(4, "happiness", Happiness),
            id(5, "sadness", Sadness),
            id(6, "anger", Anger),
            id(7, "neutral", Neutral),
        ],
    };

    /// `AffectNet`: `expression` column; numbers above 7 are no expressions.
    pub const AFFECTNET: Self = Self {
        dataset: "AffectNet",
        entries: &[
            id(0, "neutral", Neutral),
            id(1, "happy", Happiness),
            id(2, "sad", Sadness),
            id(3, "surprise", Surprise),
            id(4, "fear", Fear),
            id(5, "disgust", Disgust),
            id(6, "anger", Anger),
            id(7, "contempt", Contempt),
            none(8, "none"),
            none(9, "uncertain"),
            none(10, "no-face"),
        ],
    };

    /// SFEW 2.0: folder names.
    pub const SFEW: Self = Self {
        dataset: "SFEW",
        entries: &[
            name("Angry", Anger),
            name("Disgust", Disgust),
            name("Fear", Fear),
            name("Happy", Happiness),
            name("Neutral", Neutral),
            name("Sad", Sadness),
            name("Surprise", Surprise),
        ],
    };

    /// FED-RO: folder names; its makers spell neutral "neural".
    pub const FED_RO: Self = Self {
        dataset: "FED-RO",
        entries: &[
            name("neural", Neutral),
            name("disgust", Disgust),
            name("fear", Fear),
            name("anger", Anger),
            name("happy", Happiness),
            name("surprise", Surprise),
            name("sad", Sadness),
        ],
    };

    /// LSD, the synthetic-data challenge of ABAW: folder names, numbered in alphabetical order in
    /// submissions; its makers spell anger "ANGRER".
    pub const LSD: Self = Self {
        dataset: "LSD",
        entries: &[
            id(0, "ANGRER", Anger),
            id(1, "DISGUST", Disgust),
            id(2, "FEAR", Fear),
            id(3, "HAPPINESS", Happiness),
            id(4, "SADNESS", Sadness),
            id(5, "SURPRISE", Surprise),
        ],
    };

    /// Toronto Face Database: `labs_ex`, where -1 is "unlabelled".
    pub const TFD: Self = Self {
        dataset: "TFD",
        entries: &[
            id(1, "anger", Anger),
            id(2, "disgust", Disgust),
            id(3, "fear", Fear),
            id(4, "happiness", Happiness),
            id(5, "sadness", Sadness),
            id(6, "surprise", Surprise),
            id(7, "neutral", Neutral),
        ],
    };

    /// BU-4DFE: folder names.
    pub const BU_4DFE: Self = Self {
        dataset: "BU-4DFE",
        entries: &[
            name("Angry", Anger),
            name("Disgust", Disgust),
            name("Fear", Fear),
            name("Happy", Happiness),
            name("Sad", Sadness),
            name("Surprise", Surprise),
        ],
    };

    /// Aff-Wild2, expressions of ABAW 2022 and later: the numbers of a video's frames, where -1 is
    /// "invalid".
    pub const AFF_WILD2: Self = Self {
        dataset: "Aff-Wild2",
        entries: &[
            id(0, "Neutral", Neutral),
            id(1, "Anger", Anger),
            id(2, "Disgust", Disgust),
            id(3, "Fear", Fear),
            id(4, "Happiness", Happiness),
            id(5, "Sadness", Sadness),
            id(6, "Surprise", Surprise),
            none(7, "Other"),
        ],
    };

    /// Every table.
    pub const ALL: [Self; 13] = [
        Self::FER2013,
        Self::FERPLUS,
        Self::CK_PLUS,
        Self::CK_PLUS_48,
        Self::OULU_CASIA,
        Self::RAF_DB,
        Self::AFFECTNET,
        Self::SFEW,
        Self::FED_RO,
        Self::LSD,
        Self::TFD,
        Self::BU_4DFE,
        Self::AFF_WILD2,
    ];
}

/// A label with a number.
const fn id(id: u8, token: &'static str, expression: Expression) -> Entry {
    Entry { id: Some(id), token, expression: Some(expression) }
}

/// A label without a number.
const fn name(token: &'static str, expression: Expression) -> Entry {
    Entry { id: None, token, expression: Some(expression) }
}

/// A numbered label that is no expression.
const fn none(id: u8, token: &'static str) -> Entry {
    Entry { id: Some(id), token, expression: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expressions of a numbered set, from its lowest number on.
    fn numbered<const N: usize>(map: &LabelMap, from: u8) -> [Option<Expression>; N] {
        std::array::from_fn(|index| map.by_id(from + u8::try_from(index).unwrap()).unwrap())
    }

    #[test]
    fn numbers_mean_what_their_makers_say() {
        let [ne, an, co, di, fe, ha, sa, su] = Expression::ALL.map(Some);
        assert_eq!(numbered(&LabelMap::FER2013, 0), [an, di, fe, ha, sa, su, ne]);
        assert_eq!(numbered(&LabelMap::FERPLUS, 0), [ne, ha, su, sa, an, di, fe, co, None, None]);
        assert_eq!(numbered(&LabelMap::CK_PLUS, 0), [ne, an, co, di, fe, ha, sa, su]);
        assert_eq!(numbered(&LabelMap::RAF_DB, 1), [su, fe, di, ha, sa, an, ne]);
        assert_eq!(
            numbered(&LabelMap::AFFECTNET, 0),
            [ne, ha, sa, su, fe, di, an, co, None, None, None]
        );
        assert_eq!(numbered(&LabelMap::LSD, 0), [an, di, fe, ha, sa, su]);
        assert_eq!(numbered(&LabelMap::TFD, 1), [an, di, fe, ha, sa, su, ne]);
        assert_eq!(numbered(&LabelMap::AFF_WILD2, 0), [ne, an, di, fe, ha, sa, su, None]);
    }

    #[test]
    fn numbers_outside_the_tables_are_refused() {
        for (map, number) in [
            (LabelMap::FER2013, 7),
            (LabelMap::FERPLUS, 10),
            (LabelMap::CK_PLUS, 8),
            (LabelMap::RAF_DB, 0),
            (LabelMap::AFFECTNET, 11),
            (LabelMap::LSD, 6),
            (LabelMap::TFD, 0),
            (LabelMap::AFF_WILD2, 8),
            (LabelMap::SFEW, 0),
        ] {
            assert!(map.by_id(number).is_err(), "{} {number}", map.dataset);
        }
    }

    #[test]
    fn names_mean_what_they_say_even_misspelt() {
        for (map, token, meant) in [
            (LabelMap::FER2013, "angry", Anger),
            (LabelMap::FERPLUS, "happiness", Happiness),
            (LabelMap::CK_PLUS_48, "happy", Happiness),
            (LabelMap::OULU_CASIA, "sadness", Sadness),
            (LabelMap::OULU_CASIA, "SURPRISE", Surprise),
            (LabelMap::SFEW, "Sad", Sadness),
            (LabelMap::FED_RO, "neural", Neutral),
            (LabelMap::BU_4DFE, "Happy", Happiness),
            (LabelMap::LSD, "ANGRER", Anger),
            (LabelMap::LSD, "DISGUST", Disgust),
        ] {
            assert_eq!(map.by_token(token), Ok(Some(meant)), "{} {token}", map.dataset);
        }
        assert_eq!(LabelMap::FERPLUS.by_token("NF"), Ok(None));
        assert_eq!(LabelMap::AFFECTNET.by_token("uncertain"), Ok(None));
    }

    /// Whether two labels share a name, a number or a meaning.
    fn clash(a: &Entry, b: &Entry) -> bool {
        a.token.eq_ignore_ascii_case(b.token)
            || (a.id.is_some() && a.id == b.id)
            || (a.expression.is_some() && a.expression == b.expression)
    }

    #[test]
    fn each_table_names_each_expression_number_and_token_once() {
        for map in LabelMap::ALL {
            for (index, entry) in map.entries.iter().enumerate() {
                let twice = map.entries[..index].iter().any(|other| clash(entry, other));
                assert!(!twice, "{} {}", map.dataset, entry.token);
            }
        }
    }

    #[test]
    fn every_token_that_is_a_common_word_means_that_word() {
        for map in LabelMap::ALL {
            for entry in map.entries {
                let word = Expression::from_word(entry.token);
                assert!(word.is_none() || word == entry.expression, "{}", entry.token);
            }
        }
    }
}
