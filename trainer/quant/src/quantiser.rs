//! The whole way from an f32 graph and pictures to a coded graph.

use mien_shared::{
    frame::Grey,
    graph::{Affine, Graph},
    input::InputSpec,
};

use crate::{
    Calibration, QuantError, StepError,
    calibrate::affine,
    choose::{Choice, choose},
    correct::correct_biases,
    equalise::equalise,
    input, layer,
    observe::{Histogram, observe},
    place,
    report::{errors, output_db},
    weights::quantize_weights_but,
};

/// Inputs that biases are corrected and errors measured on.
const CHECKED: usize = 128;
/// Inputs that a choice of float layers is measured on.
const CHOSEN_ON: usize = 16;

/// What to do to a graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How ranges are chosen.
    pub calibration: Calibration,
    /// Whether channels between convolutions are equalised first; see [`mod@crate::equalise`] for
    /// when that helps.
    pub equalise: bool,
    /// Whether biases take up mean errors.
    pub correct_biases: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { calibration: Calibration::Mse, equalise: false, correct_biases: true }
    }
}

/// An f32 graph with what calibration pictures showed of it, ready to be coded.
#[derive(Debug)]
pub struct Quantiser {
    float: Graph,
    spec: InputSpec,
    inputs: Vec<Vec<f32>>,
    /// Each value's coding, had it codes.
    codings: Vec<Affine>,
    options: Options,
}

impl Quantiser {
    /// Prepares `graph`, which reads its input as `spec` says, and observes it on `pictures`.
    ///
    /// # Errors
    /// When the input cannot be coded, a picture has another size, or the graph does not run.
    pub fn new(
        graph: &Graph,
        spec: InputSpec,
        pictures: &[Grey],
        options: Options,
    ) -> Result<Self, QuantError> {
        graph.validate()?;
        let (moved, spec) = input::integer_mean(&layer::widened(graph), spec)?;
        let float = if options.equalise { equalise(&moved) } else { moved };
        let inputs = normalised(pictures, spec)?;
        let seen = observe(&float, &inputs)?;
        let coding = |seen: &Histogram| affine(options.calibration.range(seen));
        let codings = seen.iter().map(coding).collect();
        Ok(Self { float, spec, inputs, codings, options })
    }

    /// The graph in f32 as it is coded: equalised, its input's mean an integer.
    pub fn float(&self) -> &Graph {
        &self.float
    }

    /// How the coded graph, and [`Self::float`], read their input.
    pub fn input(&self) -> InputSpec {
        self.spec
    }

    /// The coded graph, but for the layers called as in `keep`.
    ///
    /// # Errors
    /// [`QuantError::UnknownLayer`] when there is no such layer.
    pub fn coded(&self, keep: &[String]) -> Result<Graph, QuantError> {
        layer::check_names(&self.float, keep)?;
        let (mut graph, _) = quantize_weights_but(&self.float, keep);
        let places = place::places(&graph, keep);
        graph.codes = place::codes(&places, input::coding(self.spec)?, |value| self.codings[value]);
        if self.options.correct_biases {
            graph = correct_biases(&self.float, &graph, self.checked(CHECKED))?;
        }
        graph.validate()?;
        Ok(graph)
    }

    /// What coding did to each step of `coded`.
    ///
    /// # Errors
    /// When `coded` is another graph.
    pub fn errors(&self, coded: &Graph) -> Result<Vec<StepError>, QuantError> {
        errors(&self.float, coded, self.checked(CHECKED))
    }

    /// Layers to keep in float beside those in `keep` so that the outputs' SQNR reaches
    /// `target_db`, or comes as near as it gains.
    ///
    /// # Errors
    /// As [`Self::coded`].
    pub fn choose(&self, keep: Vec<String>, target_db: f64) -> Result<Choice, QuantError> {
        choose(&self.float, keep, target_db, |keep| {
            output_db(&self.float, &self.coded(keep)?, self.checked(CHOSEN_ON))
        })
    }

    fn checked(&self, count: usize) -> &[Vec<f32>] {
        &self.inputs[..count.min(self.inputs.len())]
    }
}

/// Each picture as the network reads it.
fn normalised(pictures: &[Grey], spec: InputSpec) -> Result<Vec<Vec<f32>>, QuantError> {
    let wanted = [spec.width, spec.height];
    let one = |(index, picture): (usize, &Grey)| {
        let given = [picture.width, picture.height];
        if given != wanted
            || picture.data.len() as u64 != u64::from(wanted[0]) * u64::from(wanted[1])
        {
            return Err(QuantError::Picture { index, given, wanted });
        }
        let mut input = vec![0.0; picture.data.len()];
        spec.normalize(picture, &mut input);
        Ok(input)
    };
    pictures.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Op, TensorData};

    use super::*;
    use crate::{
        fixture::{net, noise, spec},
        layer_names, run_coded,
    };

    #[expect(clippy::cast_possible_truncation, reason = "noise lies in -0.5..0.5")]
    #[expect(clippy::cast_sign_loss, reason = "noise lies in -0.5..0.5")]
    fn pictures(count: u32) -> Vec<Grey> {
        let picture = |seed| {
            let data = noise(64, seed).into_iter().map(|x| (255.0 * (x + 0.5)) as u8).collect();
            Grey { width: 8, height: 8, data }
        };
        (1..=count).map(picture).collect()
    }

    fn quantiser(options: Options) -> Quantiser {
        Quantiser::new(&net(), spec(), &pictures(24), options).unwrap()
    }

    #[test]
    fn every_step_but_the_head_ends_in_codes_and_all_run_in_integers() {
        let quantiser = quantiser(Options::default());
        let coded = quantiser.coded(&[]).unwrap();
        let report = quantiser.errors(&coded).unwrap();
        assert_eq!(report.len(), 9);
        assert!(report.iter().all(|step| step.integer), "{report:?}");
        assert_eq!(coded.coding(13), None);
        assert_eq!((quantiser.input().mean, coded.coding(0).unwrap().zero), (128.0, 128));
    }

    #[test]
    fn an_equalised_graph_is_coded_as_well() {
        let quantiser = quantiser(Options { equalise: true, ..Options::default() });
        let coded = quantiser.coded(&[]).unwrap();
        let db = quantiser.errors(&coded).unwrap().last().unwrap().value_db;
        assert!(quantiser.float() != &net() && db > 30.0, "{db}");
    }

    #[test]
    fn the_outputs_keep_thirty_decibels_with_every_calibration() {
        for calibration in [
            Calibration::MinMax,
            Calibration::Percentile(crate::calibrate::PERCENTILE),
            Calibration::Mse,
        ] {
            let quantiser = quantiser(Options { calibration, ..Options::default() });
            let coded = quantiser.coded(&[]).unwrap();
            let db = quantiser.errors(&coded).unwrap().last().unwrap().value_db;
            assert!(db > 30.0, "{calibration:?}: {db}");
        }
    }

    #[test]
    fn the_outputs_stay_near_those_of_the_graph_given() {
        let quantiser = quantiser(Options::default());
        let coded = quantiser.coded(&[]).unwrap();
        let float = EngineOutputs::new();
        for picture in pictures(40).split_off(24) {
            let mut x = vec![0.0; 64];
            quantiser.input().normalize(&picture, &mut x);
            let seen = run_coded(&coded, &x).unwrap().concat();
            for (a, b) in float.of(&picture).iter().zip(seen) {
                assert!((a - b).abs() < 0.05, "{a} became {b}");
            }
        }
    }

    /// The f32 graph as given, with its own input's mean.
    struct EngineOutputs(std::cell::RefCell<mien_engine::Engine>);

    impl EngineOutputs {
        fn new() -> Self {
            Self(mien_engine::Engine::new(&net()).unwrap().into())
        }

        fn of(&self, picture: &Grey) -> Vec<f32> {
            let mut engine = self.0.borrow_mut();
            let outputs = engine.run(|x| spec().normalize(picture, x)).unwrap();
            outputs.get("y").unwrap().to_vec()
        }
    }

    #[test]
    fn a_layer_kept_in_float_has_no_codes() {
        let keep = ["second".to_owned(), "head".to_owned()];
        let coded = quantiser(Options::default()).coded(&keep).unwrap();
        for name in layer_names(&coded) {
            let node = coded.nodes.iter().find(|node| node.name == name).unwrap();
            let (weight, _) = layer::parts(&node.op).unwrap();
            let kept = keep.iter().any(|kept| kept == name);
            assert_eq!(matches!(weight.data, TensorData::F32(_)), kept, "{name}");
        }
        // What only they read, and what only the head makes.
        assert_eq!([4, 12, 13].map(|value| coded.coding(value)), [None; 3]);
        assert!(coded.coding(7).is_some());
    }

    #[test]
    fn a_layer_that_is_not_there_is_named_with_those_that_are() {
        let error = quantiser(Options::default()).coded(&["body".to_owned()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no layer 'body' to keep in float; there are: stem, first, second, last, head"
        );
    }

    #[test]
    fn float_layers_are_chosen_until_the_target_is_met() {
        let quantiser = quantiser(Options { correct_biases: false, ..Options::default() });
        let [start, more] = [0.0, 1000.0].map(|target| quantiser.choose(vec![], target).unwrap());
        assert!(start.keep.is_empty() && !more.keep.is_empty());
        assert!(more.score > start.score, "{} after {}", more.score, start.score);
    }

    #[test]
    fn a_picture_of_another_size_is_refused() {
        let picture = Grey { width: 8, height: 7, data: vec![0; 56] };
        let error = Quantiser::new(&net(), spec(), &[picture], Options::default()).unwrap_err();
        assert!(matches!(error, QuantError::Picture { index: 0, given: [8, 7], .. }));
    }

    #[test]
    fn int8_weights_are_a_start_like_any_other() {
        let (stored, _) = crate::weights::quantize_weights(&net());
        let quantiser = Quantiser::new(&stored, spec(), &pictures(8), Options::default()).unwrap();
        let Op::Conv(conv) = &quantiser.float().nodes[0].op else { panic!() };
        assert!(matches!(conv.weight.data, TensorData::F32(_)));
    }
}
