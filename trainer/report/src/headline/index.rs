//! The published tables: what each is about, and how its CSV file becomes figures.
//!
//! The files `headline/<block>.csv` hold the figures as published, one header line, `-` for a cell
//! the source leaves unreadable, nothing for a cell that does not apply. They are built in.

use super::{Headline, Nature, read};

/// One published table.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Its name.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// How to read it; may be empty.
    pub note: &'static str,
    pub(super) csv: &'static str,
    /// How all its figures were measured.
    pub(super) protocol: &'static str,
    pub(super) system: Cell,
    pub(super) dataset: Cell,
    pub(super) metric: Cell,
    /// The columns that hold figures, each with the name it has in [`Cell::Header`].
    pub(super) values: &'static [(&'static str, &'static str)],
    /// Columns that narrow the protocol, each with a pattern; `{}` is the cell.
    pub(super) qualifiers: &'static [(&'static str, &'static str)],
    /// (figure's column or "" for every one, column of the remark, pattern).
    pub(super) remarks: &'static [(&'static str, &'static str, &'static str)],
    /// First cells of the rows that are settings; `["*"]` for all.
    pub(super) settings: &'static [&'static str],
}

/// Where a figure's system, data set or metric stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    /// The same for the whole table.
    Fixed(&'static str),
    /// In a column, put into a pattern in place of `{}`.
    Column(&'static str, &'static str),
    /// In the name of the figure's column, put into a pattern in place of `{}`.
    Header(&'static str),
    /// In a column, before its last words, where these follow the prefix; else the second name.
    Prefix { column: &'static str, prefix: &'static str, otherwise: &'static str },
    /// In a column, without that prefix.
    WithoutPrefix { column: &'static str, prefix: &'static str },
}

impl Block {
    /// Its figures, in the published order.
    pub fn headlines(&self) -> Vec<Headline> {
        read::headlines(self)
    }

    /// The block of that name, in any letter case.
    pub fn named(id: &str) -> Option<&'static Self> {
        BLOCKS.iter().find(|block| block.id.eq_ignore_ascii_case(id))
    }

    pub(super) fn nature(&self, first_cell: &str) -> Nature {
        let setting = |name: &&str| *name == "*" || *name == first_cell;
        if self.settings.iter().any(|name| setting(&name)) {
            Nature::Setting
        } else {
            Nature::Figure
        }
    }
}

const FN2EN: &str = "FaceNet2ExpNet (Ding, Zhou, Chellappa 2017), arXiv 1609.06591, and its slides";
const OADN: &str = "Occlusion-adaptive deep network (Ding, Zhou, Chellappa 2020), arXiv 2005.06040";
const EXPRGAN: &str = "ExprGAN (Ding, Sricharan, Chellappa 2018), arXiv 1709.03842";
const FERSNET: &str = "FERSNet, joint recognition and synthesis (ICPR 2020), arXiv 2007.04514";
const DEGAN: &str = "DE-GAN, disentangled expression learning";

const ACCURACY: Cell = Cell::Fixed("accuracy, %");
const METHOD: Cell = Cell::Column("method", "{}");
const ACCURACIES: &[(&str, &str)] = &[("accuracy", "accuracy")];
const TEN_FOLDS: &str = "10 folds by subject, last 3 frames of a sequence, mean of fold accuracies";
const MMI_FOLDS: &str = "10 folds by subject, 3 peak frames of a sequence, mean of fold accuracies";
const PRETRAINED: &[(&str, &str)] = &[("pretrain", "pretraining: {}"), ("setting", "input: {}")];
const SETTING: &[(&str, &str)] = &[("setting", "input: {}")];
const RECALL: &str =
    "Values whose origin is 'recall' are from memory of the publication, unchecked.";

/// What most blocks have in common: methods down, one accuracy across.
const ACCURACY_TABLE: Block = Block {
    id: "",
    title: "",
    source: "",
    note: "",
    csv: "",
    protocol: TEN_FOLDS,
    system: METHOD,
    dataset: Cell::Fixed(""),
    metric: ACCURACY,
    values: ACCURACIES,
    qualifiers: &[],
    remarks: &[],
    settings: &[],
};

/// Every published table.
pub const BLOCKS: &[Block] = &[
    Block {
        id: "FN2EN-DATA",
        title: "Sizes of face and expression sets",
        source: FN2EN,
        csv: include_str!("FN2EN-DATA.csv"),
        protocol: "pictures counted",
        system: Cell::Fixed("data set"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Fixed("pictures"),
        values: &[("images", "pictures")],
        qualifiers: &[("kind", "{} pictures")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-CHART",
        title: "A face network fine-tuned, against FaceNet2ExpNet",
        source: FN2EN,
        note: "Read off a bar chart: pairs follow the order of the bars. SFEW's 52.29 is another \
               method's in FN2EN-SFEW, where the fine-tuned network has 41.23.",
        csv: include_str!("FN2EN-CHART.csv"),
        protocol: "each set's own protocol",
        system: Cell::Header("{}"),
        dataset: Cell::Column("dataset", "{}"),
        values: &[("ft_facenet", "fine-tuned face network"), ("fn2en", "FN2EN")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-CK",
        title: "CK+ with six and with eight classes",
        source: FN2EN,
        csv: include_str!("FN2EN-CK.csv"),
        dataset: Cell::Fixed("CK+"),
        qualifiers: &[("classes", "{} classes")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-OULU",
        title: "Oulu-CASIA",
        source: FN2EN,
        csv: include_str!("FN2EN-OULU.csv"),
        protocol: "6 classes, visible light, strong; 10 folds by subject, last 3 frames of a sequence",
        dataset: Cell::Fixed("Oulu-CASIA"),
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-TFD",
        title: "Toronto Face Database",
        source: FN2EN,
        csv: include_str!("FN2EN-TFD.csv"),
        protocol: "7 classes; the 5 official folds, mean of fold accuracies",
        dataset: Cell::Fixed("TFD"),
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-SFEW",
        title: "SFEW 2.0",
        source: FN2EN,
        csv: include_str!("FN2EN-SFEW.csv"),
        protocol: "7 classes; official training and validation parts",
        dataset: Cell::Fixed("SFEW"),
        qualifiers: &[("extra_train_data", "further training data: {}")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "OADN-DATA",
        title: "Sizes of the sets for occlusion and pose",
        source: OADN,
        csv: include_str!("OADN-DATA.csv"),
        protocol: "pictures counted",
        system: Cell::Fixed("data set"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Header("{} pictures"),
        values: &[("train", "training"), ("test", "test")],
        remarks: &[
            ("", "in_the_wild", "in the wild"),
            ("", "occlusion_specific", "chosen for occlusion"),
            ("", "pose_specific", "chosen for pose"),
        ],
        ..ACCURACY_TABLE
    },
    Block {
        id: "OADN-REF",
        title: "Occlusion and pose: OADN and RAN",
        source: OADN,
        note: RECALL,
        csv: include_str!("OADN-REF.csv"),
        protocol: "trained on the parent set, tested on its official test part or on the named list",
        system: Cell::Prefix { column: "dataset", prefix: "RAN ", otherwise: "OADN" },
        dataset: Cell::WithoutPrefix { column: "dataset", prefix: "RAN " },
        remarks: &[("", "source", "origin: {}")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "UAC-ATTR",
        title: "Forty attributes of unaligned faces",
        source: "Cascade network with parts and whole (Ding et al. 2018), arXiv 1709.03851",
        note: "'-' is unreadable in the source. Where the column's average allows it, the cell's \
               value is given as derived (to 0.2); 'from memory' is unchecked.",
        csv: include_str!("UAC-ATTR.csv"),
        protocol: "official test part, faces cut out by a loose box, not aligned",
        system: Cell::Header("{}"),
        dataset: Cell::Fixed("uCelebA"),
        metric: Cell::Column("attribute", "{}: accuracy, %"),
        values: &[
            ("lnets_anet", "LNets+ANet"),
            ("part_only", "part networks only"),
            ("whole_only", "whole network only"),
            ("paw", "PaW"),
        ],
        remarks: &[
            ("lnets_anet", "fill_lnets", "derived from the average: {}"),
            ("part_only", "fill_part", "derived from the average: {}"),
            ("whole_only", "fill_whole", "derived from the average: {}"),
            ("paw", "paw_recalled", "from memory: {}"),
        ],
        ..ACCURACY_TABLE
    },
    Block {
        id: "EXPRGAN-DATA",
        title: "Pictures in each class of Oulu-CASIA",
        source: EXPRGAN,
        csv: include_str!("EXPRGAN-DATA.csv"),
        protocol: "last 3 frames of a sequence, counted",
        system: Cell::Fixed("data set"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Header("pictures, {}"),
        values: &[
            ("angry", "anger"),
            ("disgust", "disgust"),
            ("fear", "fear"),
            ("happy", "happiness"),
            ("sad", "sadness"),
            ("surprise", "surprise"),
            ("total", "all"),
        ],
        ..ACCURACY_TABLE
    },
    Block {
        id: "EXPRGAN-AUG",
        title: "A classifier trained with made faces",
        source: EXPRGAN,
        note: "From memory of the publication, unchecked; each is a multiple of 1/144.",
        csv: include_str!("EXPRGAN-AUG.csv"),
        protocol: "trained on subjects P001 to P072, tested on the 144 pictures of P073 to P080",
        system: Cell::Fixed("classifier with ExprGAN's faces"),
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: &[("synthetic_images", "{} made faces in training")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-DATA",
        title: "Sequences of each emotion",
        source: FERSNET,
        csv: include_str!("FERS-DATA.csv"),
        protocol: "labelled sequences counted",
        system: Cell::Fixed("data set"),
        dataset: Cell::Column("database", "{}"),
        metric: Cell::Header("sequences, {}"),
        values: &[
            ("anger", "anger"),
            ("contempt", "contempt"),
            ("disgust", "disgust"),
            ("fear", "fear"),
            ("happiness", "happiness"),
            ("sadness", "sadness"),
            ("surprise", "surprise"),
            ("total", "all"),
        ],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-CK",
        title: "CK+, seven classes",
        source: FERSNET,
        csv: include_str!("FERS-CK.csv"),
        dataset: Cell::Fixed("CK+"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-OULU",
        title: "Oulu-CASIA, six classes",
        source: FERSNET,
        csv: include_str!("FERS-OULU.csv"),
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-MMI",
        title: "MMI, six classes",
        source: FERSNET,
        csv: include_str!("FERS-MMI.csv"),
        protocol: MMI_FOLDS,
        dataset: Cell::Fixed("MMI"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-SYN",
        title: "Made faces, recognised by a fixed classifier",
        source: FERSNET,
        csv: include_str!("FERS-SYN.csv"),
        protocol: "faces made from test subjects, judged by a classifier trained on real pictures",
        system: Cell::Header("{}"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Fixed("recognition accuracy, %"),
        values: &[
            ("CAAE", "CAAE"),
            ("CycleGAN", "CycleGAN"),
            ("ExprGAN", "ExprGAN"),
            ("StarGAN", "StarGAN"),
            ("FERSNet", "FERSNet"),
        ],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-ABL",
        title: "FERSNet with parts left out and with made faces",
        source: FERSNET,
        csv: include_str!("FERS-ABL.csv"),
        protocol: "10 folds by subject, 3 frames of a sequence, mean of fold accuracies",
        system: Cell::Column("variant", "{}"),
        dataset: Cell::Header("{}"),
        values: &[("CK+", "CK+"), ("Oulu-CASIA", "Oulu-CASIA"), ("MMI", "MMI")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-CK",
        title: "CK+, seven classes",
        source: DEGAN,
        csv: include_str!("DEGAN-CK.csv"),
        dataset: Cell::Fixed("CK+"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-MMI",
        title: "MMI, six classes",
        source: DEGAN,
        csv: include_str!("DEGAN-MMI.csv"),
        protocol: MMI_FOLDS,
        dataset: Cell::Fixed("MMI"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-OULU",
        title: "Oulu-CASIA, six classes",
        source: DEGAN,
        csv: include_str!("DEGAN-OULU.csv"),
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-HYP",
        title: "Training constants of DE-GAN",
        source: DEGAN,
        note: "Its networks start from BU-4DFE: 60,600 pictures of 101 people.",
        csv: include_str!("DEGAN-HYP.csv"),
        protocol: "as published",
        system: Cell::Fixed("DE-GAN"),
        dataset: Cell::Fixed("CK+, MMI, Oulu-CASIA"),
        metric: Cell::Column("name", "{}"),
        values: &[("value", "value")],
        settings: &["*"],
        ..ACCURACY_TABLE
    },
    Block {
        id: "LSD",
        title: "Learning from synthetic data, 2022",
        source: "Multi-task ensemble of emotion and landmarks (ABAW at ECCV 2022)",
        note: "F1 as a share of 1.",
        csv: include_str!("LSD.csv"),
        protocol: "trained on made faces only, validated on the 4,670 real ones",
        system: Cell::Fixed("multi-task ensemble, and the organisers' baseline"),
        dataset: Cell::Fixed("LSD"),
        metric: Cell::Column("name", "{}"),
        values: &[("value", "value")],
        settings: &["bag_fraction", "landmarks", "classes"],
        ..ACCURACY_TABLE
    },
    Block {
        id: "REF-OTHER",
        title: "Further published figures, for orientation",
        source: "as each row says",
        note: "Accuracies and BP4D's F1 in percent; mean F1 and ICC as shares of 1. \
               Values whose origin is 'recall' are from memory of the publication, unchecked.",
        csv: include_str!("REF-OTHER.csv"),
        protocol: "as published; official parts unless named",
        system: Cell::Column("system", "{}"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Column("metric", "{}"),
        values: &[("value", "value")],
        remarks: &[("", "source", "origin: {}")],
        ..ACCURACY_TABLE
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Lines of each file below its header, and the figures they hold.
    const SIZES: [(&str, usize, usize); 23] = [
        ("FN2EN-DATA", 8, 8),
        ("FN2EN-CHART", 4, 8),
        ("FN2EN-CK", 15, 15),
        ("FN2EN-OULU", 10, 10),
        ("FN2EN-TFD", 8, 8),
        ("FN2EN-SFEW", 10, 10),
        ("OADN-DATA", 9, 11),
        ("OADN-REF", 15, 15),
        ("UAC-ATTR", 41, 164),
        ("EXPRGAN-DATA", 1, 7),
        ("EXPRGAN-AUG", 5, 5),
        ("FERS-DATA", 3, 24),
        ("FERS-CK", 11, 11),
        ("FERS-OULU", 11, 11),
        ("FERS-MMI", 9, 9),
        ("FERS-SYN", 2, 10),
        ("FERS-ABL", 4, 12),
        ("DEGAN-CK", 8, 8),
        ("DEGAN-MMI", 7, 7),
        ("DEGAN-OULU", 8, 8),
        ("DEGAN-HYP", 23, 23),
        ("LSD", 6, 6),
        ("REF-OTHER", 19, 19),
    ];

    #[test]
    fn every_block_has_its_lines_and_its_figures() {
        let found: Vec<(&str, usize, usize)> = BLOCKS
            .iter()
            .map(|block| (block.id, lines(block).len(), block.headlines().len()))
            .collect();
        assert_eq!(found, SIZES);
    }

    #[test]
    fn every_column_a_block_names_is_in_its_file() {
        for block in BLOCKS {
            let mut reader = csv::Reader::from_reader(block.csv.as_bytes());
            let header = reader.headers().unwrap().clone();
            let cell = |cell: Cell| match cell {
                Cell::Column(column, _)
                | Cell::Prefix { column, .. }
                | Cell::WithoutPrefix { column, .. } => Some(column),
                Cell::Fixed(_) | Cell::Header(_) => None,
            };
            let mut named: Vec<&str> =
                [block.system, block.dataset, block.metric].into_iter().filter_map(cell).collect();
            named.extend(block.values.iter().chain(block.qualifiers).map(|pair| pair.0));
            named.extend(block.remarks.iter().map(|remark| remark.1));
            for column in &named {
                assert!(header.iter().any(|name| name == *column), "{}: {column}", block.id);
            }
            for column in &header {
                assert!(named.contains(&column), "{}: {column} is not used", block.id);
            }
        }
    }

    #[test]
    fn keys_are_unique_within_a_block_in_any_letter_case() {
        for block in BLOCKS {
            let headlines = block.headlines();
            let keys: BTreeSet<String> = headlines.iter().map(|h| h.key.to_lowercase()).collect();
            assert_eq!(keys.len(), headlines.len(), "{}", block.id);
        }
    }

    #[test]
    fn blocks_are_titled_and_sourced() {
        for block in BLOCKS {
            assert!(!block.title.is_empty() && !block.source.is_empty(), "{}", block.id);
        }
    }

    #[test]
    fn the_forty_attributes_average_to_the_published_mean() {
        let block = Block::named("uac-attr").unwrap();
        let figures: Vec<Headline> = block.headlines();
        let lnets: Vec<f64> = figures
            .iter()
            .filter(|h| h.system == "LNets+ANet" && !h.metric.starts_with("Average"))
            .filter_map(Headline::value)
            .collect();
        assert_eq!(lnets.len(), 39);
        let with_the_derived = (lnets.iter().sum::<f64>() + 96.0) / 40.0;
        assert!((with_the_derived - 87.30).abs() < 0.005, "{with_the_derived}");
    }

    /// A file's records; a line of another length is an error.
    fn lines(block: &Block) -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(block.csv.as_bytes()).records().map(Result::unwrap).collect()
    }
}
