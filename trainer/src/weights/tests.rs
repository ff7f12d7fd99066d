use std::fs;

use burn::{
    nn::{
        BatchNorm, BatchNormConfig, Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Distribution, Tensor as Burn},
};
use tempfile::TempDir;

use super::*;

/// A network of every kind of layer whose weights PyTorch keeps otherwise than burn.
#[derive(Module, Debug)]
struct Net {
    stem: Conv2d,
    bn: BatchNorm,
    head: Linear,
}

impl Net {
    fn new(channels: usize, classes: usize) -> Self {
        Self::on(&Device::flex(), channels, classes)
    }

    fn on(device: &Device, channels: usize, classes: usize) -> Self {
        Self {
            stem: Conv2dConfig::new([channels, 4], [3, 3]).init(device),
            bn: BatchNormConfig::new(4).init(device),
            head: LinearConfig::new(4, classes).init(device),
        }
    }

    fn forward(&self, x: Burn<4>) -> Vec<f32> {
        let y = self.bn.forward(self.stem.forward(x)).mean_dim(3).mean_dim(2).flatten(1, 3);
        self.head.forward::<2>(y).into_data().iter().collect()
    }
}

fn noise(channels: usize) -> Burn<4> {
    Burn::random([2, channels, 6, 5], Distribution::Normal(0.0, 1.0), &Device::flex())
}

/// A file with one tensor, of sixteen bytes.
fn file(folder: &TempDir, dtype: &str, shape: &str, values: [f32; 4]) -> PathBuf {
    let header = format!(
        r#"{{"bn.running_var":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,16]}}}}"#
    );
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    let path = folder.path().join("w.safetensors");
    fs::write(&path, bytes).unwrap();
    path
}

/// All of a file.
fn whole(from: &Path) -> Start<'_> {
    Start { from, parts: &[] }
}

fn refusal(path: &Path) -> String {
    load(&mut Net::new(3, 5), path, Layout::Own).unwrap_err().to_string()
}

#[test]
fn saved_weights_load_to_the_same_outputs() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    let (net, mut other) = (Net::new(3, 5), Net::new(3, 5));
    let layout = Layout::Renamed(|path| format!("model.{path}"));
    save(&net, &path, layout).unwrap();
    let report = load(&mut other, &path, layout).unwrap();
    assert!(report.is_exact() && report.loaded == 8, "{report}");
    let x = noise(3);
    assert_eq!(net.forward(x.clone()), other.forward(x));
}

#[test]
fn a_file_holds_linear_weights_as_pytorch_does() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    save(&Net::new(3, 5), &path, Layout::Own).unwrap();
    let bytes = fs::read(&path).unwrap();
    let tensors = file::tensors(&bytes, &path).unwrap();
    assert_eq!(tensors["head.weight"].shape(), [5, 4]);
    assert_eq!(tensors["bn.weight"].shape(), [4]);
    assert_eq!(tensors["stem.weight"].shape(), [4, 3, 3, 3]);
}

#[test]
fn a_head_of_other_classes_stays_fresh() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    save(&Net::new(3, 1000), &path, Layout::Own).unwrap();
    let (net, report) = start_from_safetensors(Net::new(3, 5), whole(&path)).unwrap();
    assert_eq!(report.skipped, ["head.weight", "head.bias"]);
    assert_eq!(report.loaded, 6);
    assert_eq!(net.head.weight.dims(), [4, 5]);
}

#[test]
fn a_network_started_from_weights_learns() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    save(&Net::new(3, 5), &path, Layout::Own).unwrap();
    let net = Net::on(&Device::flex().autodiff(), 3, 5);
    let (net, _) = start_from_safetensors(net, whole(&path)).unwrap();
    let x = noise(3).to_device(&Device::flex().autodiff());
    let gradients = net.bn.forward(net.stem.forward(x)).powi_scalar(3).sum().backward();
    assert!(net.stem.weight.val().grad(&gradients).is_some());
    assert!(net.bn.beta.val().grad(&gradients).is_some());
}

#[test]
fn a_stem_over_colours_answers_grey_as_the_repeated_grey_did() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    let (colour, mut grey) = (Net::new(3, 5), Net::new(1, 5));
    save(&colour, &path, Layout::Own).unwrap();
    let report = load(&mut grey, &path, Layout::Own).unwrap();
    assert_eq!(report.reshaped, ["stem.weight"]);
    let x = noise(1);
    let pairs = grey.forward(x.clone()).into_iter().zip(colour.forward(x.repeat_dim(1, 3)));
    assert!(pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < 1e-5);
}

#[test]
fn another_shape_is_refused_by_name_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.safetensors");
    save(&Net::new(2, 5), &path, Layout::Own).unwrap();
    let mut net = Net::new(3, 5);
    let x = noise(3);
    let before = net.forward(x.clone());
    let error = load(&mut net, &path, Layout::Own).unwrap_err().to_string();
    assert!(error.contains("'stem.weight' is [4, 2, 3, 3] where the network has [4, 3, 3, 3]"));
    assert!(error.contains("net.safetensors"), "{error}");
    assert_eq!(net.forward(x), before);
}

#[test]
fn missing_weights_are_reported_but_no_start() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "F32", "[4]", [1.0; 4]);
    let report = load(&mut Net::new(3, 5), &path, Layout::Own).unwrap();
    assert_eq!((report.loaded, report.missing.len()), (1, 7));
    let error = start_from_safetensors(Net::new(3, 5), whole(&path)).unwrap_err();
    assert!(error.to_string().contains("7 tensors are missing, 'stem.weight'"), "{error}");
    let layout = Layout::Renamed(|path| format!("model.{path}"));
    let error = load(&mut Net::new(3, 5), &path, layout).unwrap_err();
    assert!(error.to_string().contains("no tensor has a name of this network's"), "{error}");
}

#[test]
fn values_that_are_no_weights_are_refused() {
    let folder = TempDir::new().unwrap();
    let error = refusal(&file(&folder, "F32", "[4]", [1.0, f32::NAN, f32::INFINITY, 1.0]));
    assert!(error.contains("'bn.running_var' holds 2 values that are not finite"), "{error}");
    let error = refusal(&file(&folder, "F32", "[4]", [1.0, -1.0, 1.0, 1.0]));
    assert!(error.contains("a variance below zero"), "{error}");
    let error = refusal(&file(&folder, "I32", "[4]", [0.0; 4]));
    assert!(error.contains("holds I32; write it as f32"), "{error}");
}

#[test]
fn a_hostile_file_is_refused_before_it_is_believed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("w.safetensors");
    let refuse = |bytes: &[u8], reason: &str| {
        fs::write(&path, bytes).unwrap();
        let error = refusal(&path);
        assert!(error.contains(reason), "{error}");
    };
    refuse(b"", "0 bytes are too few for a header");
    refuse(&[0xff; 64], "claims a header of 18446744073709551615 bytes");
    refuse(&[9, 0, 0, 0, 0, 0, 0, 0, b'{'], "claims a header of 9 bytes");
    refuse(&[2, 0, 0, 0, 0, 0, 0, 0, b'P', b'K'], "not a whole safetensors file");
    for shape in ["[5]", "[18446744073709551615,18446744073709551615]", "[-4]", "[4,\"a\"]"] {
        let error = refusal(&file(&folder, "F32", shape, [1.0; 4]));
        assert!(error.contains("not a whole safetensors file"), "{shape}: {error}");
    }
    let error = refusal(&file(&folder, "Q9", "[4]", [1.0; 4]));
    assert!(error.contains("Q9"), "{error}");
    fs::File::create(&path).unwrap().set_len((1 << 31) + 1).unwrap();
    assert!(refusal(&path).contains("2147483649 bytes are more than"));
    let whole = fs::read(file(&folder, "F32", "[4]", [1.0; 4])).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(refusal(&path).contains("not a whole safetensors file"));
    assert!(refusal(folder.path()).contains("cannot read weights"));
}

#[test]
fn half_precision_becomes_single() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("w.safetensors");
    let header = r#"{"bn.bias":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},
        "bn.weight":{"dtype":"F16","shape":[4],"data_offsets":[8,16]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([0xc0, 0x3f].repeat(4));
    bytes.extend([0x00, 0x3e].repeat(4));
    fs::write(&path, bytes).unwrap();
    let mut net = Net::new(3, 5);
    assert_eq!(load(&mut net, &path, Layout::Own).unwrap().loaded, 2);
    let values = |x: Burn<1>| x.into_data().iter::<f32>().collect::<Vec<_>>();
    assert_eq!(values(net.bn.beta.val()), [1.5; 4]);
    assert_eq!(values(net.bn.gamma.val()), [1.5; 4]);
}
