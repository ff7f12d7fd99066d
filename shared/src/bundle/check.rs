//! The rules a bundle's parts keep, and how they must fit each other.

use super::{Bundle, BundleError, Golden, MAX_GOLDENS, Manifest, Precision, Task};
use crate::{
    crop,
    geometry::FivePoints,
    graph::{Graph, Shape, Shapes, Tensor, TensorData},
    input::InputSpec,
    label::Expression,
};

/// Largest width or height of a network's input.
const MAX_INPUT_SIDE: u32 = 2048;
/// Values per cell of a detector's output: score, box, five points.
const CELL_VALUES: u32 = 15;

/// See [`Bundle::validate`].
pub(super) fn bundle(bundle: &Bundle) -> Result<(), BundleError> {
    let Bundle { manifest, graph, goldens, .. } = bundle;
    check_manifest(manifest)?;
    let shapes = graph.validate().map_err(BundleError::Graph)?;
    let &InputSpec { width, height, .. } = &manifest.input;
    if graph.input != [1, height, width] {
        return Err(BundleError::InputShape { graph: graph.input, manifest: [1, height, width] });
    }
    check_precision(manifest.precision, graph)?;
    check_task_output(manifest, graph, &shapes)?;
    if goldens.len() > MAX_GOLDENS {
        return Err(BundleError::TooManyGoldens(goldens.len()));
    }
    goldens.iter().enumerate().try_for_each(|(i, golden)| check_golden(i, golden, graph, &shapes))
}

/// The manifest on its own.
fn check_manifest(manifest: &Manifest) -> Result<(), BundleError> {
    let name = &manifest.name;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain) {
        let rule = "1 to 100 letters, digits, '_', '-' or '.', and not start with '.'";
        return Err(BundleError::Field { field: "name", value: format!("{name:?}"), rule });
    }
    check_input(&manifest.input)?;
    check_task(&manifest.task)?;
    let values = manifest.metrics.iter().map(|metric| metric.value);
    values.into_iter().try_for_each(|value| {
        require("metrics.value", &value, value.is_finite(), "a finite number")
    })
}

/// Size and normalisation.
fn check_input(input: &InputSpec) -> Result<(), BundleError> {
    let &InputSpec { width, height, mean, std, .. } = input;
    let side = |side| (1..=MAX_INPUT_SIDE).contains(&side);
    require("input.width", &width, side(width), "within 1..=2048")?;
    require("input.height", &height, side(height), "within 1..=2048")?;
    require("input.mean", &mean, mean.is_finite(), "a finite number")?;
    require("input.std", &std, std.is_finite() && std > 0.0, "positive and finite")
}

/// What the outputs mean.
fn check_task(task: &Task) -> Result<(), BundleError> {
    let share = |value: &f32| (0.0..=1.0).contains(value);
    match task {
        Task::Detect { stride, min_score, max_overlap } => {
            require("task.stride", stride, (1..=256).contains(stride), "within 1..=256")?;
            require("task.min_score", min_score, share(min_score), "within 0..=1")?;
            require("task.max_overlap", max_overlap, share(max_overlap), "within 0..=1")
        }
        Task::Expression { labels, template, temperature: t } => {
            check_labels(labels)?;
            check_template(template)?;
            require("task.temperature", t, t.is_finite() && *t > 0.0, "positive and finite")
        }
    }
}

/// At least one label, none twice.
fn check_labels(labels: &[Expression]) -> Result<(), BundleError> {
    if labels.is_empty() {
        return Err(BundleError::NoLabels);
    }
    let twice = labels.iter().enumerate().find(|(index, label)| labels[..*index].contains(label));
    match twice {
        Some((_, &label)) => Err(BundleError::DuplicateLabel(label)),
        None => Ok(()),
    }
}

/// Points within the crop that a similarity can be fitted to.
fn check_template(template: &FivePoints) -> Result<(), BundleError> {
    let inside = |value: f32| (0.0..=1.0).contains(&value);
    let within = template.to_array().iter().all(|point| inside(point.x) && inside(point.y));
    let usable = within && crop::fit(template, template).is_some();
    if usable { Ok(()) } else { Err(BundleError::Template) }
}

/// int8 weights are where the manifest says so, and only there.
fn check_precision(stated: Precision, graph: &Graph) -> Result<(), BundleError> {
    let is_int8 = |weight: &Tensor| matches!(weight.data, TensorData::I8 { .. });
    let any_int8 = graph.nodes.iter().any(|node| node.op.weight().is_some_and(is_int8));
    let any_coded = graph.codes.iter().any(Option::is_some);
    let found = match (any_int8, any_coded) {
        (false, false) => Precision::F32,
        (true, false) => Precision::WeightsInt8,
        (true, true) => Precision::Int8,
        (false, true) => {
            let (stated, found) = (stated.name(), "coded values without int8 weights");
            return Err(BundleError::Precision { stated, found });
        }
    };
    if stated == found {
        return Ok(());
    }
    Err(BundleError::Precision { stated: stated.name(), found: found.name() })
}

/// The output the task reads has the shape the manifest implies.
fn check_task_output(
    manifest: &Manifest,
    graph: &Graph,
    shapes: &Shapes,
) -> Result<(), BundleError> {
    let (name, wanted) = match &manifest.task {
        Task::Detect { stride, .. } => {
            let cells = |side: u32| side.div_ceil(*stride);
            let InputSpec { width, height, .. } = manifest.input;
            ("cells", vec![CELL_VALUES, cells(height), cells(width)])
        }
        Task::Expression { labels, .. } => {
            ("logits", vec![u32::try_from(labels.len()).unwrap_or(u32::MAX)])
        }
    };
    let output = graph.outputs.iter().find(|output| output.name == name);
    let output = output.ok_or(BundleError::MissingOutput { name })?;
    let found = shapes[output.value as usize].dims();
    if found == wanted {
        return Ok(());
    }
    Err(BundleError::OutputShape { name, found: found.to_vec(), wanted })
}

/// One golden has as many bytes and values as the graph.
fn check_golden(
    index: usize,
    golden: &Golden,
    graph: &Graph,
    shapes: &Shapes,
) -> Result<(), BundleError> {
    let count = |what: String, found: usize, wanted: u64| match found as u64 {
        found if found == wanted => Ok(()),
        found => Err(BundleError::Golden { index, what, found, wanted }),
    };
    count("input bytes".into(), golden.input.len(), Shape::Map(graph.input).elements())?;
    count("outputs".into(), golden.outputs.len(), graph.outputs.len() as u64)?;
    for (output, values) in graph.outputs.iter().zip(&golden.outputs) {
        let wanted = shapes[output.value as usize].elements();
        count(format!("values of output {:?}", output.name), values.len(), wanted)?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(BundleError::GoldenNotFinite { index });
        }
    }
    Ok(())
}

/// An error naming the field unless `holds`.
fn require(
    field: &'static str,
    value: &impl ToString,
    holds: bool,
    rule: &'static str,
) -> Result<(), BundleError> {
    if holds { Ok(()) } else { Err(BundleError::Field { field, value: value.to_string(), rule }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::fixture;

    /// What an expression bundle says after one change.
    fn expression(change: impl FnOnce(&mut Bundle)) -> BundleError {
        let mut bundle = fixture::expression();
        change(&mut bundle);
        bundle.validate().unwrap_err()
    }

    /// What an expression bundle says after one change to its task.
    fn task(change: impl FnOnce(&mut Vec<Expression>, &mut FivePoints, &mut f32)) -> BundleError {
        expression(|bundle| {
            let Task::Expression { labels, template, temperature } = &mut bundle.manifest.task
            else {
                panic!()
            };
            change(labels, template, temperature);
        })
    }

    #[test]
    fn the_fixtures_are_valid() {
        fixture::expression().validate().unwrap();
        fixture::detector().validate().unwrap();
    }

    #[test]
    fn labels_are_present_and_distinct() {
        assert!(matches!(task(|labels, _, _| labels.clear()), BundleError::NoLabels));
        let twice = task(|labels, _, _| labels[2] = Expression::Neutral);
        assert!(matches!(twice, BundleError::DuplicateLabel(Expression::Neutral)));
    }

    #[test]
    fn labels_match_the_logits() {
        let error = task(|labels, _, _| labels.push(Expression::Fear));
        assert_eq!(
            error.to_string(),
            "the graph's output \"logits\" has shape [3], the manifest implies [4]"
        );
    }

    #[test]
    fn templates_are_finite_inside_and_spread_out() {
        let points: [fn(&mut FivePoints); 4] = [
            |t| t.nose.x = f32::NAN,
            |t| t.nose.y = 1.01,
            |t| t.left_eye.x = -0.01,
            |t| *t = FivePoints::from_array([t.nose; 5]),
        ];
        for change in points {
            let error = task(|_, template, _| change(template));
            assert!(matches!(error, BundleError::Template), "{error}");
        }
    }

    #[test]
    fn fields_that_make_no_sense_are_named() {
        type Change = fn(&mut Manifest);
        let changes: [(&str, Change); 10] = [
            ("name", |m| m.name.clear()),
            ("name", |m| m.name = "../up".into()),
            ("name", |m| m.name = "a/b".into()),
            ("input.width", |m| m.input.width = 0),
            ("input.height", |m| m.input.height = 2049),
            ("input.mean", |m| m.input.mean = f32::NAN),
            ("input.std", |m| m.input.std = 0.0),
            ("input.std", |m| m.input.std = -1.0),
            ("input.std", |m| m.input.std = f32::INFINITY),
            ("metrics.value", |m| m.metrics[0].value = f64::NAN),
        ];
        for (wanted, change) in changes {
            let error = expression(|bundle| change(&mut bundle.manifest));
            assert!(
                matches!(error, BundleError::Field { field, .. } if field == wanted),
                "{error}"
            );
        }
        for temperature in [0.0, -1.0, f32::NAN] {
            let error = task(|_, _, t| *t = temperature);
            assert!(matches!(error, BundleError::Field { field: "task.temperature", .. }));
        }
    }

    #[test]
    fn detector_settings_are_checked() {
        let settings = [
            (0, 0.5, 0.5, "task.stride"),
            (2, f32::NAN, 0.5, "task.min_score"),
            (2, 0.5, 1.5, "task.max_overlap"),
        ];
        for (stride, min_score, max_overlap, wanted) in settings {
            let mut bundle = fixture::detector();
            bundle.manifest.task = Task::Detect { stride, min_score, max_overlap };
            let error = bundle.validate().unwrap_err();
            assert!(
                matches!(error, BundleError::Field { field, .. } if field == wanted),
                "{error}"
            );
        }
    }

    #[test]
    fn a_detector_has_fifteen_values_per_cell_of_its_stride() {
        let mut bundle = fixture::detector();
        bundle.manifest.task = Task::Detect { stride: 4, min_score: 0.5, max_overlap: 0.5 };
        assert_eq!(
            bundle.validate().unwrap_err().to_string(),
            "the graph's output \"cells\" has shape [15, 2, 3], the manifest implies [15, 1, 2]"
        );
    }

    #[test]
    fn the_graph_is_sound_and_fits_the_manifest() {
        let error = expression(|bundle| bundle.graph.nodes[1].inputs.clear());
        assert!(matches!(error, BundleError::Graph(_)), "{error}");
        let error = expression(|bundle| bundle.manifest.input.width = 7);
        assert!(matches!(error, BundleError::InputShape { .. }), "{error}");
        let error = expression(|bundle| bundle.graph.outputs[0].name = "probs".into());
        assert!(matches!(error, BundleError::MissingOutput { name: "logits" }), "{error}");
    }

    #[test]
    fn the_stated_precision_is_the_stored_one() {
        let error = expression(|bundle| bundle.manifest.precision = Precision::F32);
        assert!(matches!(error, BundleError::Precision { found: "weights_int8", .. }), "{error}");
        let error = expression(|bundle| {
            let crate::graph::Op::Conv(conv) = &mut bundle.graph.nodes[0].op else { panic!() };
            conv.weight.data = TensorData::F32(conv.weight.to_f32().into_owned());
        });
        assert!(matches!(error, BundleError::Precision { found: "f32", .. }), "{error}");
    }

    #[test]
    fn goldens_fit_the_graph() {
        let error = expression(|bundle| bundle.goldens[0].input.truncate(23));
        assert!(error.to_string().starts_with("golden 0 has 23 input bytes, the graph has 24"));
        let error = expression(|bundle| bundle.goldens[0].outputs.clear());
        assert!(error.to_string().starts_with("golden 0 has 0 outputs, the graph has 1"));
        let error = expression(|bundle| bundle.goldens[0].outputs[0].push(1.0));
        assert!(error.to_string().starts_with("golden 0 has 4 values of output \"logits\", the"));
        let error = expression(|bundle| bundle.goldens[0].outputs[0][1] = f32::NAN);
        assert!(matches!(error, BundleError::GoldenNotFinite { index: 0 }), "{error}");
        let error = expression(|bundle| bundle.goldens = vec![bundle.goldens[0].clone(); 257]);
        assert!(matches!(error, BundleError::TooManyGoldens(257)), "{error}");
    }
}
