//! Which data set a folder holds, told from the files that only that set has.

use std::path::Path;

use crate::{LISTS, files, folder, manifest::ListAdapter};

/// For each set the files and folders, whatever their case, that together give it away. The first
/// that fits counts, so a parent set comes before the lists that lie beside it, and of the
/// variants of a set only the usual one is here.
const MARKS: &[(&str, &[&str])] = &[
    ("ck_plus", &["cohn-kanade-images"]),
    ("ck_plus_48", &["CK+48"]),
    ("oulu_casia", &["Oulu_CASIA_NIR_VIS"]),
    ("oulu_casia", &["VL/Strong/P001"]),
    ("oulu_casia", &["PreProcess Img"]),
    ("mmi", &["mmi.csv"]),
    ("sfew", &["Train/Train_Aligned_Faces"]),
    ("fed_ro", &["neural"]),
    ("fer2013", &["fer2013.csv"]),
    ("ferplus", &["train.csv", "train.u8.gz"]),
    ("lfw_expressions", &["dev.csv", "dev.jpgs"]),
    ("tfd", &["TFD_48x48.mat"]),
    ("tfd", &["TFD_96x96.mat"]),
    ("affectnet", &["Manually_Annotated_file_lists"]),
    ("affectnet", &["train_set/annotations"]),
    ("celeba", &["Anno/list_attr_celeba.txt"]),
    ("disfa", &["ActionUnit_Labels"]),
    ("bp4d", &["AUCoding"]),
    ("bu4dfe", &["F001/Angry"]),
    ("lsd", &["training_set_synthetic_images"]),
    ("affwild2", &["annotations/EXPR_Set"]),
    ("raf_db_occlusion", &["RAF_DB_dir/rafdb_occlusion_list.txt"]),
    ("raf_db", &["basic/EmoLabel"]),
    ("raf_db", &["EmoLabel/list_patition_label.txt"]),
    ("affectnet_occlusion", &["AffectNet_dir/occlusion_affectnet_list.txt"]),
    ("ferplus_occlusion", &["FERplus_dir/jianfei_occlusion_list.txt"]),
    ("fera2017", &["index.csv"]),
    ("synth_folder", &["labels.csv", "images"]),
];

/// The adapter of the set that `root` holds, `None` where no set is recognised.
pub fn detect(root: &Path) -> Option<&'static ListAdapter> {
    let mut marked = MARKS
        .iter()
        .filter(|(_, marks)| marks.iter().all(|mark| files::find(root, mark).is_some()));
    let known = |name: &str| LISTS.iter().find(|adapter| adapter.name == name);
    let found = marked.find_map(|(name, _)| known(name));
    found.or_else(|| known(folder::ADAPTER.name).filter(|_| folder::is_one(root)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn found(files: &[&str]) -> Option<&'static str> {
        let set = Fixture::new();
        for file in files {
            set.text(file, "");
        }
        detect(set.root()).map(|adapter| adapter.name)
    }

    #[test]
    fn a_set_is_told_by_the_files_only_it_has() {
        for (files, name) in [
            (&["cohn-kanade-images/S005/001/a.png", "Emotion/S005/001/a.txt"][..], "ck_plus"),
            (&["CK+48/anger/a.png"], "ck_plus_48"),
            (&["vl/strong/P001/anger/000.jpeg"], "oulu_casia"),
            (&["mmi.csv", "frames/1/1.png"], "mmi"),
            (&["Train/Train_Aligned_Faces/Angry/a.png"], "sfew"),
            (&["neural/1.jpg", "sad/2.jpg"], "fed_ro"),
            (&["fer2013.csv"], "fer2013"),
            (&["train.csv", "train.u8.gz"], "ferplus"),
            (&["dev.csv", "dev.jpgs"], "lfw_expressions"),
            (&["basic/EmoLabel/list_patition_label.txt"], "raf_db"),
            (&["FERplus_dir/jianfei_occlusion_list.txt"], "ferplus_occlusion"),
            (&["labels.csv", "images/0.png"], "synth_folder"),
            (&["train/happy/a.png", "test/sad/a.png"], "folder"),
            (&["happy/a.png", "0_neutral/a.png"], "folder"),
        ] {
            assert_eq!(found(files), Some(name), "{files:?}");
        }
    }

    #[test]
    fn an_unknown_folder_is_nothing() {
        assert_eq!(found(&[]), None);
        assert_eq!(found(&["train.csv"]), None);
        assert_eq!(found(&["holiday/a.png", "happy/b.png"]), None);
        assert!(detect(Path::new("/nowhere")).is_none());
    }

    #[test]
    fn every_listed_set_is_marked_or_a_variant_of_one_that_is() {
        for adapter in LISTS.iter().filter(|adapter| adapter.name != "folder") {
            let fits = |(name, _): &&(&str, _)| {
                adapter.name == *name
                    || adapter.name.starts_with(name)
                    || adapter.name.contains("_pose_")
            };
            assert!(MARKS.iter().any(|mark| fits(&mark)), "{}", adapter.name);
        }
    }
}
