//! Tables of `FaceNet2ExpNet`, OADN, the attribute cascade and `ExprGAN`.

use super::{ACCURACY_TABLE, Block, Cell, RECALL};

const FN2EN: &str = "FaceNet2ExpNet (Ding, Zhou, Chellappa 2017), arXiv 1609.06591, and its slides";
const OADN: &str = "Occlusion-adaptive deep network (Ding, Zhou, Chellappa 2020), arXiv 2005.06040";
const EXPRGAN: &str = "ExprGAN (Ding, Sricharan, Chellappa 2018), arXiv 1709.03842";

pub(super) const BLOCKS: &[Block] = &[
    Block {
        id: "FN2EN-DATA",
        title: "Sizes of face and expression sets",
        source: FN2EN,
        csv: include_str!("../FN2EN-DATA.csv"),
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
        csv: include_str!("../FN2EN-CHART.csv"),
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
        csv: include_str!("../FN2EN-CK.csv"),
        dataset: Cell::Fixed("CK+"),
        qualifiers: &[("classes", "{} classes")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-OULU",
        title: "Oulu-CASIA",
        source: FN2EN,
        csv: include_str!("../FN2EN-OULU.csv"),
        protocol: "6 classes, visible light, strong; 10 folds by subject, \
                   last 3 frames of a sequence, mean of fold accuracies",
        dataset: Cell::Fixed("Oulu-CASIA"),
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-TFD",
        title: "Toronto Face Database",
        source: FN2EN,
        csv: include_str!("../FN2EN-TFD.csv"),
        protocol: "7 classes; the 5 official folds, mean of fold accuracies",
        dataset: Cell::Fixed("TFD"),
        ..ACCURACY_TABLE
    },
    Block {
        id: "FN2EN-SFEW",
        title: "SFEW 2.0",
        source: FN2EN,
        csv: include_str!("../FN2EN-SFEW.csv"),
        protocol: "7 classes; official training and validation parts",
        dataset: Cell::Fixed("SFEW"),
        qualifiers: &[("extra_train_data", "further training data: {}")],
        ..ACCURACY_TABLE
    },
    Block {
        id: "OADN-DATA",
        title: "Sizes of the sets for occlusion and pose",
        source: OADN,
        csv: include_str!("../OADN-DATA.csv"),
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
        csv: include_str!("../OADN-REF.csv"),
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
        csv: include_str!("../UAC-ATTR.csv"),
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
        csv: include_str!("../EXPRGAN-DATA.csv"),
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
        csv: include_str!("../EXPRGAN-AUG.csv"),
        protocol: "trained on subjects P001 to P072, tested on the 144 pictures of P073 to P080",
        system: Cell::Fixed("classifier with ExprGAN's faces"),
        dataset: Cell::Fixed("Oulu-CASIA"),
        qualifiers: &[("synthetic_images", "{} made faces in training")],
        ..ACCURACY_TABLE
    },
];
