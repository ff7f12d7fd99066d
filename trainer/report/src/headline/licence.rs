//! What it takes to measure on a data set: none of them may be passed on with this project.

/// Data sets by a part of their name, and what they need. The first that matches is meant.
const LICENCES: [(&str, &str); 21] = [
    ("affectnet", "the AffectNet agreement (University of Denver, research only)"),
    ("ferplus", "FER2013's pictures and the FER+ votes"),
    ("fer+", "FER2013's pictures and the FER+ votes"),
    ("fed-ro", "the FED-RO pictures (from their authors, research only)"),
    ("fer2013", "FER2013's pictures (no licence of their own)"),
    ("fer", "FER2013's pictures and the FER+ votes"),
    ("raf", "the RAF-DB agreement (BUPT, research only)"),
    ("sfew", "the SFEW 2.0 agreement (its organisers, research only)"),
    ("ck+", "the CK+ agreement (University of Pittsburgh)"),
    ("oulu", "the Oulu-CASIA agreement (University of Oulu)"),
    ("mmi", "the MMI agreement (MMI Facial Expression Database)"),
    ("tfd", "the Toronto Face Database (from its authors)"),
    ("celeba", "CelebA (MMLab, Chinese University of Hong Kong, research only)"),
    ("lsd", "the LSD agreement (organisers of ABAW 2022)"),
    ("bp4d", "the BP4D agreement (Binghamton University)"),
    ("disfa", "the DISFA agreement (University of Denver)"),
    ("bu-4dfe", "the BU-4DFE agreement (Binghamton University)"),
    ("casia-webface", "the CASIA-WebFace agreement (CASIA, research only)"),
    ("vgg face", "the VGG Face list (University of Oxford, research only)"),
    ("ms-celeb", "MS-Celeb-1M (withdrawn by its publisher)"),
    ("facebook", "Facebook's own pictures (never published)"),
];

/// Systems by a part of their name, and the set they are trained on before the one they name.
const PRETRAINED: [(&str, &str); 2] = [("BU-4DFE", "BU-4DFE"), ("DE-GAN", "BU-4DFE")];

/// What a measurement on `dataset` by `system` needs, in words that follow "needs": further
/// training data the system is known to take is added. `None` for a data set not known here.
pub fn needs(system: &str, dataset: &str) -> Option<String> {
    let licence = |name: &str| {
        let name = name.to_lowercase();
        LICENCES.iter().find(|licence| name.contains(licence.0)).map(|licence| licence.1)
    };
    let test = licence(dataset)?;
    let pretrained = PRETRAINED.iter().find(|pretrained| system.contains(pretrained.0));
    let further = pretrained.and_then(|pretrained| licence(pretrained.1));
    Some(further.map_or_else(|| test.to_owned(), |further| format!("{test} and {further}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headline::{Block, blocks};

    #[test]
    fn every_data_set_of_every_block_is_known() {
        for headline in blocks().flat_map(Block::headlines) {
            assert!(needs(&headline.system, &headline.dataset).is_some(), "{}", headline.dataset);
        }
    }

    #[test]
    fn lists_need_what_their_parent_set_needs() {
        let of = |dataset| needs("OADN", dataset).unwrap();
        assert_eq!(of("Pose>30 AffectNet"), of("AffectNet-8"));
        assert_eq!(of("Occlusion-FER"), of("Pose>45 FERPlus"));
        assert_ne!(of("FED-RO"), of("Occlusion-FER"));
        assert_ne!(of("FER2013 private"), of("FER+"));
    }

    #[test]
    fn pretraining_data_is_named_too() {
        assert_eq!(
            needs("FERSNet (BU-4DFE)", "MMI").unwrap(),
            "the MMI agreement (MMI Facial Expression Database) and \
             the BU-4DFE agreement (Binghamton University)"
        );
        assert!(
            needs("DE-GAN", "CK+")
                .unwrap()
                .ends_with("the BU-4DFE agreement (Binghamton University)")
        );
        assert_eq!(needs("FERSNet", "an unknown set"), None);
    }
}
