//! The nine lists with the numbers counted in the public ones.

use super::{Condition, Parent, form::Form};

impl Condition {
    pub(super) const AFFECTNET_OCCLUSION: Self = Self {
        name: "affectnet_occlusion",
        file: "AffectNet_dir/occlusion_affectnet_list.txt",
        form: Form::Folder,
        parent: Parent::AffectNet,
        entries: 683,
        classes: &[
            ("neutral", 102),
            ("happiness", 61),
            ("sadness", 56),
            ("surprise", 107),
            ("fear", 100),
            ("disgust", 76),
            ("anger", 90),
            ("contempt", 91),
        ],
    };

    pub(super) const AFFECTNET_POSE_30: Self = Self {
        name: "affectnet_pose_30",
        file: "AffectNet_dir/pose_30_affectnet_list.txt",
        form: Form::Path,
        entries: 1_949,
        classes: &[],
        ..Self::AFFECTNET_OCCLUSION
    };

    pub(super) const AFFECTNET_POSE_45: Self = Self {
        name: "affectnet_pose_45",
        file: "AffectNet_dir/pose_45_affectnet_list.txt",
        entries: 985,
        ..Self::AFFECTNET_POSE_30
    };

    pub(super) const FERPLUS_OCCLUSION: Self = Self {
        name: "ferplus_occlusion",
        file: "FERplus_dir/jianfei_occlusion_list.txt",
        form: Form::Prefix,
        parent: Parent::Ferplus,
        entries: 605,
        classes: &[
            ("neutral", 160),
            ("happiness", 122),
            ("surprise", 133),
            ("sadness", 125),
            ("anger", 23),
            ("disgust", 3),
            ("fear", 36),
            ("contempt", 3),
        ],
    };

    pub(super) const FERPLUS_POSE_30: Self = Self {
        name: "ferplus_pose_30",
        file: "FERplus_dir/pose_30_ferplus_list.txt",
        form: Form::Path,
        entries: 1_170,
        classes: &[
            ("neutral", 465),
            ("happiness", 286),
            ("surprise", 129),
            ("sadness", 151),
            ("anger", 101),
            ("disgust", 4),
            ("fear", 28),
            ("contempt", 6),
        ],
        ..Self::FERPLUS_OCCLUSION
    };

    pub(super) const FERPLUS_POSE_45: Self = Self {
        name: "ferplus_pose_45",
        file: "FERplus_dir/pose_45_ferplus_list.txt",
        entries: 633,
        classes: &[],
        ..Self::FERPLUS_POSE_30
    };

    pub(super) const RAF_DB_OCCLUSION: Self = Self {
        name: "raf_db_occlusion",
        file: "RAF_DB_dir/rafdb_occlusion_list.txt",
        form: Form::Columns,
        parent: Parent::RafDb,
        entries: 735,
        classes: &[
            ("surprise", 72),
            ("fear", 35),
            ("disgust", 47),
            ("happiness", 236),
            ("sadness", 122),
            ("anger", 31),
            ("neutral", 192),
        ],
    };

    pub(super) const RAF_DB_POSE_30: Self = Self {
        name: "raf_db_pose_30",
        file: "RAF_DB_dir/val_raf_db_list.txt",
        form: Form::Path,
        entries: 1_247,
        classes: &[
            ("surprise", 149),
            ("fear", 38),
            ("disgust", 78),
            ("happiness", 446),
            ("sadness", 179),
            ("anger", 75),
            ("neutral", 282),
        ],
        ..Self::RAF_DB_OCCLUSION
    };

    pub(super) const RAF_DB_POSE_45: Self = Self {
        name: "raf_db_pose_45",
        file: "RAF_DB_dir/val_raf_db_list_45.txt",
        entries: 558,
        classes: &[],
        ..Self::RAF_DB_POSE_30
    };
}
