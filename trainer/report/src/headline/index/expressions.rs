//! Tables of `FERSNet` and DE-GAN, of learning from synthetic data, and single figures.

use super::{ACCURACY_TABLE, Block, Cell};

const FERSNET: &str = "FERSNet, joint recognition and synthesis (ICPR 2020), arXiv 2007.04514";
const DEGAN: &str = "DE-GAN, disentangled expression learning";
const CK_FOLDS: &str =
    "7 classes; 10 folds by subject, last 3 frames of a sequence, mean of fold accuracies";
const OULU_FOLDS: &str = "6 classes, visible light, strong; 10 folds by subject, \
                          last 3 frames of a sequence, mean of fold accuracies";
const MMI_FOLDS: &str =
    "6 classes; 10 folds by subject, 3 peak frames of a sequence, mean of fold accuracies";
const PRETRAINED: &[(&str, &str)] = &[("pretrain", "pretraining: {}"), ("setting", "input: {}")];
const FRAMES: &str =
    "Methods whose input is a sequence, or dynamic, read whole sequences instead of single frames.";
const SETTING: &[(&str, &str)] = &[("setting", "input: {}")];

pub(super) const BLOCKS: &[Block] = &[
    Block {
        id: "FERS-DATA",
        title: "Sequences of each emotion",
        source: FERSNET,
        csv: include_str!("../FERS-DATA.csv"),
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
        note: FRAMES,
        csv: include_str!("../FERS-CK.csv"),
        protocol: CK_FOLDS,
        dataset: Cell::Fixed("CK+"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-OULU",
        title: "Oulu-CASIA, six classes",
        source: FERSNET,
        note: FRAMES,
        csv: include_str!("../FERS-OULU.csv"),
        protocol: OULU_FOLDS,
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-MMI",
        title: "MMI, six classes",
        source: FERSNET,
        note: FRAMES,
        csv: include_str!("../FERS-MMI.csv"),
        protocol: MMI_FOLDS,
        dataset: Cell::Fixed("MMI"),
        qualifiers: PRETRAINED,
        ..ACCURACY_TABLE
    },
    Block {
        id: "FERS-SYN",
        title: "Made faces, recognised by a fixed classifier",
        source: FERSNET,
        csv: include_str!("../FERS-SYN.csv"),
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
        csv: include_str!("../FERS-ABL.csv"),
        protocol: "7 classes on CK+, else 6; 10 folds by subject, 3 frames of a sequence, \
                   mean of fold accuracies",
        system: Cell::Column("variant", "{}"),
        dataset: Cell::Header("{}"),
        values: &[("CK+", "CK+"), ("Oulu-CASIA", "Oulu-CASIA"), ("MMI", "MMI")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-CK",
        title: "CK+, seven classes",
        source: DEGAN,
        note: FRAMES,
        csv: include_str!("../DEGAN-CK.csv"),
        protocol: CK_FOLDS,
        dataset: Cell::Fixed("CK+"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-MMI",
        title: "MMI, six classes",
        source: DEGAN,
        note: FRAMES,
        csv: include_str!("../DEGAN-MMI.csv"),
        protocol: MMI_FOLDS,
        dataset: Cell::Fixed("MMI"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-OULU",
        title: "Oulu-CASIA, six classes",
        source: DEGAN,
        note: FRAMES,
        csv: include_str!("../DEGAN-OULU.csv"),
        protocol: OULU_FOLDS,
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: SETTING,
        ..ACCURACY_TABLE
    },
    Block {
        id: "DEGAN-HYP",
        title: "Training constants of DE-GAN",
        source: DEGAN,
        note: "Its networks start from BU-4DFE: 60,600 pictures of 101 people.",
        csv: include_str!("../DEGAN-HYP.csv"),
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
        note: "F1 as a share of 1; the baseline is the organisers'.",
        csv: include_str!("../LSD.csv"),
        protocol: "trained on made faces only, validated on the 4,670 real ones",
        system: Cell::Prefix {
            column: "name",
            prefix: "baseline_",
            otherwise: "multi-task ensemble",
        },
        dataset: Cell::Fixed("LSD"),
        metric: Cell::WithoutPrefix { column: "name", prefix: "baseline_" },
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
        csv: include_str!("../REF-OTHER.csv"),
        protocol: "as published; official parts unless named",
        system: Cell::Column("system", "{}"),
        dataset: Cell::Column("dataset", "{}"),
        metric: Cell::Column("metric", "{}"),
        values: &[("value", "value")],
        remarks: &[("", "source", "origin: {}")],
        ..ACCURACY_TABLE
    },
];
