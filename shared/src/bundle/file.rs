//! The byte layout: header, sections, digest.

use std::{fs::File, io::Read as _, path::Path};

use serde::{Deserialize, Serialize};

use super::{Bundle, BundleError, Digest, Golden, MAX_GOLDENS, SIGNATURE_BYTES};
use crate::bounded::at_most;

/// First bytes of every bundle.
const MAGIC: [u8; 8] = *b"MIENBNDL";
/// The version this program writes and reads.
const VERSION: u16 = 2;
/// Bytes the digest covers in front of the sections.
const HEAD: usize = 28;
/// Bytes in front of the sections.
const HEADER: usize = HEAD + 32;
/// The sections in file order with the longest each may be.
const SECTIONS: [(&str, u64); 4] = [
    ("manifest", 64 << 10),
    ("graph", 64 << 20),
    ("goldens", 4 << 20),
    ("signature", SIGNATURE_BYTES as u64),
];
/// The longest a whole file may be.
const LONGEST: u64 = HEADER as u64 + SECTIONS[0].1 + SECTIONS[1].1 + SECTIONS[2].1 + SECTIONS[3].1;

/// See [`Bundle::read`].
pub(super) fn read(path: &Path) -> Result<Bundle, BundleError> {
    read_bytes(path).and_then(|bytes| decode(&bytes)).map_err(|fault| fault.at(path))
}

/// See [`Bundle::from_bytes`].
pub(super) fn decode(bytes: &[u8]) -> Result<Bundle, BundleError> {
    let [manifest, graph, goldens, signature] = split(bytes)?;
    let bundle = Bundle {
        manifest: serde_json::from_slice(manifest).map_err(BundleError::Manifest)?,
        graph: unpack("graph", graph)?,
        goldens: unpack::<Goldens>("goldens", goldens)?.0,
        signature: signature.try_into().ok(),
    };
    let canonical = Parts::of(&bundle)?.sections() == [manifest, graph, goldens, signature];
    if canonical { Ok(bundle) } else { Err(BundleError::NotCanonical) }
}

/// See [`Bundle::to_bytes`].
pub(super) fn encode(bundle: &Bundle) -> Result<Vec<u8>, BundleError> {
    let parts = Parts::of(bundle)?;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&parts.head);
    bytes.extend_from_slice(&parts.digest().0);
    for section in parts.sections() {
        bytes.extend_from_slice(section);
    }
    Ok(bytes)
}

/// See [`Bundle::digest`].
pub(super) fn digest(bundle: &Bundle) -> Result<Digest, BundleError> {
    Ok(Parts::of(bundle)?.digest())
}

/// A valid bundle's sections and the head that announces them.
struct Parts<'a> {
    head: [u8; HEAD],
    manifest: Vec<u8>,
    graph: Vec<u8>,
    goldens: Vec<u8>,
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Validates and serialises a bundle.
    fn of(bundle: &'a Bundle) -> Result<Self, BundleError> {
        bundle.validate()?;
        let mut parts = Self {
            head: [0; HEAD],
            manifest: serde_json::to_vec(&bundle.manifest).map_err(BundleError::Manifest)?,
            graph: pack("graph", &bundle.graph)?,
            goldens: pack("goldens", &bundle.goldens)?,
            signature: bundle.signature.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        };
        parts.head = head(&parts.sections())?;
        Ok(parts)
    }

    /// The sections in file order.
    fn sections(&self) -> [&[u8]; 4] {
        [&self.manifest, &self.graph, &self.goldens, self.signature]
    }

    /// What the header states.
    fn digest(&self) -> Digest {
        Digest::of(&[&self.head, &self.manifest, &self.graph, &self.goldens])
    }
}

/// The goldens as they are read.
#[derive(Deserialize)]
struct Goldens(#[serde(deserialize_with = "at_most::<_, _, MAX_GOLDENS>")] Vec<Golden>);

/// The header in front of the digest.
fn head(sections: &[&[u8]; 4]) -> Result<[u8; HEAD], BundleError> {
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..10].copy_from_slice(&VERSION.to_le_bytes());
    for (index, section) in sections.iter().enumerate() {
        let stated = check_length(index, section.len() as u64)?;
        head[12 + 4 * index..][..4].copy_from_slice(&stated.to_le_bytes());
    }
    Ok(head)
}

/// Cuts a file into its sections after checking header, lengths and digest.
fn split(bytes: &[u8]) -> Result<[&[u8]; 4], BundleError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(BundleError::NotABundle);
    }
    let given = bytes.len() as u64;
    let Some((header, mut rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(BundleError::Truncated { needed: HEADER as u64, given });
    };
    let lengths = read_lengths(header)?;
    let needed = HEADER as u64 + lengths.iter().map(|&length| u64::from(length)).sum::<u64>();
    if given < needed {
        return Err(BundleError::Truncated { needed, given });
    }
    if given > needed {
        return Err(BundleError::Trailing { extra: given - needed });
    }
    let sections = lengths.map(|length| {
        let (section, behind) = rest.split_at(length as usize);
        rest = behind;
        section
    });
    check_digest(header, &sections)?;
    Ok(sections)
}

/// The lengths a header states, each within its limit.
fn read_lengths(header: &[u8; HEADER]) -> Result<[u32; 4], BundleError> {
    let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
    match (short(8), short(10)) {
        (VERSION, 0) => {}
        (VERSION, flags) => return Err(BundleError::Flags(flags)),
        (found, _) => return Err(BundleError::Version { found, supported: VERSION }),
    }
    let lengths = [long(12), long(16), long(20), long(24)];
    for (index, &length) in lengths.iter().enumerate() {
        check_length(index, u64::from(length))?;
    }
    Ok(lengths)
}

/// A section's length, if it may have it: a signature is absent or whole.
fn check_length(index: usize, length: u64) -> Result<u32, BundleError> {
    let (section, limit) = SECTIONS[index];
    let whole = section != "signature" || length == 0 || length == limit;
    match u32::try_from(length) {
        Ok(stated) if length <= limit && whole => Ok(stated),
        _ => Err(BundleError::SectionLength { section, length, limit }),
    }
}

/// Compares the stated digest with the content's.
fn check_digest(header: &[u8; HEADER], sections: &[&[u8]; 4]) -> Result<(), BundleError> {
    let (head, stated) = header.split_at(HEAD);
    let computed = Digest::of(&[head, sections[0], sections[1], sections[2]]);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(stated);
    let stated = Digest(bytes);
    if computed == stated { Ok(()) } else { Err(BundleError::DigestMismatch { computed, stated }) }
}

/// Serialises a binary section.
fn pack<T: Serialize>(section: &'static str, value: &T) -> Result<Vec<u8>, BundleError> {
    postcard::to_stdvec(value).map_err(|cause| BundleError::Section { section, cause })
}

/// Reads a binary section; bytes it leaves over show up as a form that is not canonical.
fn unpack<'a, T: Deserialize<'a>>(
    section: &'static str,
    bytes: &'a [u8],
) -> Result<T, BundleError> {
    postcard::from_bytes(bytes).map_err(|cause| BundleError::Section { section, cause })
}

/// A file's content, never more than a bundle can have and one byte.
fn read_bytes(path: &Path) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|cause| BundleError::Read { cause })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bundle::fixture;

    /// A file around these sections whose header and digest are right.
    fn seal(sections: [&[u8]; 4]) -> Vec<u8> {
        let head = head(&sections).unwrap();
        let digest = Digest::of(&[&head, sections[0], sections[1], sections[2]]);
        [&head, digest.0.as_slice(), &sections.concat()].concat()
    }

    /// The fixture's file and its sections.
    fn sections(bytes: &[u8]) -> [Vec<u8>; 4] {
        split(bytes).unwrap().map(<[u8]>::to_vec)
    }

    fn refusal(bytes: &[u8]) -> BundleError {
        decode(bytes).unwrap_err()
    }

    #[test]
    fn what_is_written_is_read() {
        for bundle in [fixture::expression(), fixture::detector()] {
            let bytes = bundle.to_bytes().unwrap();
            assert_eq!(Bundle::from_bytes(&bytes).unwrap(), bundle);
            let stated = bundle.digest().unwrap().0;
            assert_eq!(&bytes[HEAD..HEADER], &stated);
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let bytes = fixture::detector().to_bytes().unwrap();
        let [manifest, graph, goldens, signature] = sections(&bytes);
        assert_eq!(&bytes[..12], b"MIENBNDL\x02\x00\x00\x00");
        let length = |at| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(length(12), manifest.len());
        assert_eq!(length(16), graph.len());
        assert_eq!((length(20), goldens.as_slice()), (1, [0].as_slice()));
        assert_eq!((length(24), signature.as_slice()), (64, [7; 64].as_slice()));
        assert!(bytes[60..].starts_with(b"{\"name\":\"plain_s.fixture_weights_int8\""));
    }

    #[test]
    fn a_file_goes_to_disk_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        fixture::expression().write(&path).unwrap();
        assert_eq!(Bundle::read(&path).unwrap(), fixture::expression());
    }

    #[test]
    fn errors_name_the_file_and_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        let error = Bundle::read(&path).unwrap_err();
        assert!(matches!(error.fault(), BundleError::Read { .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("{}: ", path.display())), "{error}");
        std::fs::write(&path, b"").unwrap();
        let error = Bundle::read(&path).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{}: this is not a model bundle; give a file that `mien-trainer export` wrote",
                path.display()
            )
        );
    }

    #[test]
    fn a_broken_bundle_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        let mut bundle = fixture::expression();
        bundle.manifest.input.std = 0.0;
        let error = bundle.write(&path).unwrap_err();
        assert!(matches!(error.fault(), BundleError::Field { field: "input.std", .. }), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        for bundle in [fixture::expression(), fixture::detector()] {
            let bytes = bundle.to_bytes().unwrap();
            for length in 0..bytes.len() {
                let error = refusal(&bytes[..length]);
                let expected = match length {
                    0..8 => matches!(error, BundleError::NotABundle),
                    _ => matches!(error, BundleError::Truncated { .. }),
                };
                assert!(expected, "{length}: {error}");
            }
        }
    }

    #[test]
    fn bytes_behind_the_end_are_refused() {
        let mut bytes = fixture::expression().to_bytes().unwrap();
        bytes.push(0);
        assert!(matches!(refusal(&bytes), BundleError::Trailing { extra: 1 }));
    }

    #[test]
    fn every_bit_but_the_signatures_counts() {
        let bytes = fixture::expression().to_bytes().unwrap();
        for index in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[index] ^= 1 << bit;
                refusal(&bytes);
            }
        }
    }

    #[test]
    fn another_version_names_both() {
        let mut bytes = fixture::expression().to_bytes().unwrap();
        bytes[8] = 9;
        assert_eq!(
            refusal(&bytes).to_string(),
            "the bundle has format version 9, this program reads version 2; \
             export it again or install a matching release"
        );
    }

    #[test]
    fn unknown_flags_are_refused() {
        let mut bytes = fixture::expression().to_bytes().unwrap();
        bytes[11] = 0x80;
        assert!(matches!(refusal(&bytes), BundleError::Flags(0x8000)));
    }

    #[test]
    fn huge_lengths_are_refused_before_anything_else() {
        let limits =
            [(12, "manifest", 65_536), (16, "graph", 67_108_864), (20, "goldens", 4_194_304)];
        let stated = limits.map(|row| [(row, row.2 + 1), (row, u32::MAX)]).concat();
        for ((at, name, allowed), stated) in stated {
            let mut bytes = fixture::expression().to_bytes().unwrap();
            bytes[at..at + 4].copy_from_slice(&stated.to_le_bytes());
            let BundleError::SectionLength { section, length, limit } = refusal(&bytes) else {
                panic!("{name} of {stated} bytes");
            };
            assert_eq!((section, length, limit), (name, stated.into(), allowed.into()));
        }
    }

    #[test]
    fn a_signature_is_absent_or_whole() {
        for stated in [1, 63, 65, u32::MAX] {
            let mut bytes = fixture::expression().to_bytes().unwrap();
            bytes[24..28].copy_from_slice(&stated.to_le_bytes());
            let error = refusal(&bytes);
            assert!(matches!(error, BundleError::SectionLength { section: "signature", .. }));
        }
    }

    #[test]
    fn changing_the_signature_keeps_the_digest() {
        let blank = Bundle { signature: Some([0; 64]), ..fixture::detector() };
        assert_eq!(blank.digest().unwrap(), fixture::detector().digest().unwrap());
        let unsigned = Bundle { signature: None, ..fixture::detector() };
        assert_ne!(unsigned.digest().unwrap(), fixture::detector().digest().unwrap());
    }

    #[test]
    fn a_wrong_manifest_field_is_named() {
        let [manifest, graph, goldens, signature] =
            sections(&fixture::expression().to_bytes().unwrap());
        let text = String::from_utf8(manifest).unwrap();
        let edits = [
            ("\"std\":64.0", "\"sdt\":64.0", "unknown field `sdt`"),
            ("\"std\":64.0", "\"std\":\"x\"", "invalid type: string \"x\", expected f32"),
            ("\"neutral\"", "\"bored\"", "unknown variant `bored`"),
            ("\"task\":", "\"tusk\":", "unknown field `tusk`"),
        ];
        for (from, to, message) in edits {
            assert!(text.contains(from), "{from}");
            let manifest = text.replacen(from, to, 1);
            let error = refusal(&seal([manifest.as_bytes(), &graph, &goldens, &signature]));
            assert!(matches!(error, BundleError::Manifest(_)), "{error}");
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_second_byte_form_of_the_same_bundle_is_refused() {
        let [manifest, graph, goldens, signature] =
            sections(&fixture::expression().to_bytes().unwrap());
        let spaced = [b" ", manifest.as_slice()].concat();
        let error = refusal(&seal([&spaced, &graph, &goldens, &signature]));
        assert!(matches!(error, BundleError::NotCanonical), "{error}");
        let longer = [graph.as_slice(), b"\0"].concat();
        let error = refusal(&seal([&manifest, &longer, &goldens, &signature]));
        assert!(matches!(error, BundleError::NotCanonical), "{error}");
    }

    #[test]
    fn millions_of_empty_elements_stop_at_the_limit() {
        let [manifest, graph, _, signature] = sections(&fixture::expression().to_bytes().unwrap());
        // A list of a million goldens, each two empty lists.
        let mut goldens = postcard::to_stdvec(&1_000_000_u32).unwrap();
        goldens.resize(2_000_000, 0);
        let error = refusal(&seal([&manifest, &graph, &goldens, &signature]));
        assert!(matches!(error, BundleError::Section { section: "goldens", .. }), "{error}");
    }

    #[test]
    fn metrics_of_any_size_come_back_as_written() {
        for value in [0.1 + 0.2, 1.0 / 3.0, 2.0_f64.sqrt() * 1e-9, 123_456_789.123_456_79] {
            let mut bundle = fixture::expression();
            bundle.manifest.metrics[0].value = value;
            let once = bundle.to_bytes().unwrap();
            let again = Bundle::from_bytes(&once).unwrap();
            assert!((again.manifest.metrics[0].value / value - 1.0).abs() < 1e-14);
            assert_eq!(again.to_bytes().unwrap(), once);
        }
    }

    proptest! {
        #[test]
        fn noise_is_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(&bytes).is_err());
            prop_assert!(decode(&[&MAGIC, bytes.as_slice()].concat()).is_err());
        }

        #[test]
        fn sealed_noise_does_not_panic(
            section in 0..3_usize,
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut parts = sections(&fixture::expression().to_bytes().unwrap());
            for (index, byte) in edits {
                let at = index.index(parts[section].len());
                parts[section][at] = byte;
            }
            let bytes = seal([&parts[0], &parts[1], &parts[2], &parts[3]]);
            if let Ok(bundle) = decode(&bytes) {
                prop_assert_eq!(bundle.to_bytes().unwrap(), bytes);
            }
        }

        #[test]
        fn any_normalisation_and_template_round_trips(
            mean in -1e9_f32..1e9,
            std in 1e-9_f32..1e9,
            shift in 0.0_f32..0.2,
            value in any::<f64>().prop_filter("finite", |value| value.is_normal()),
        ) {
            let mut bundle = fixture::expression();
            bundle.manifest.input.mean = mean;
            bundle.manifest.input.std = std;
            bundle.manifest.metrics[0].value = value;
            if let super::super::Task::Expression { template, .. } = &mut bundle.manifest.task {
                template.nose.x += shift;
            }
            let bytes = bundle.to_bytes().unwrap();
            let read = decode(&bytes).unwrap();
            prop_assert_eq!(read.manifest.input, bundle.manifest.input);
            prop_assert_eq!(read.manifest.task, bundle.manifest.task);
        }
    }
}
