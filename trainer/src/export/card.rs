//! The model card: what a bundle is, was trained on, measures, and must not be used for.

use mien_shared::bundle::{Bundle, BundleError, Precision, Task};

/// The card as Markdown.
///
/// # Errors
/// When the bundle has no byte form, whose length the card states.
pub fn card(bundle: &Bundle) -> Result<String, BundleError> {
    let manifest = &bundle.manifest;
    let bytes = bundle.to_bytes()?.len();
    let input = &manifest.input;
    let arithmetic = match manifest.precision {
        Precision::F32 => "f32 weights, f32 arithmetic",
        Precision::WeightsInt8 => {
            "int8 weights (per output channel, symmetric), widened at load; f32 arithmetic"
        }
        Precision::Int8 => {
            "int8 weights (per output channel, symmetric), eight-bit values; integer arithmetic"
        }
    };
    let onnx = match manifest.precision {
        Precision::F32 => "f32",
        Precision::WeightsInt8 => "int8 weights, f32 arithmetic",
        Precision::Int8 => {
            "`.onnx` with integer arithmetic (operators of onnxruntime's own), `.f32.onnx` with \
             int8 weights and f32 arithmetic (any runtime)"
        }
    };
    let (purpose, limits) = words(&manifest.task);
    let mut card = format!(
        "# {}\n\n{purpose}\n\n\
         | | |\n|---|---|\n\
         | input | grey, {} × {}, `(byte - {}) / {}` |\n\
         | parameters | {} |\n\
         | multiply-accumulates | {:.1} M |\n\
         | precision | {arithmetic} |\n\
         | ONNX | {onnx} |\n\
         | file | {bytes} bytes |\n\
         | recipe | `recipe.toml`, seed {}, {} |\n\n\
         ## Data and rights\n\n{}\n\n{}\n\n## Measured\n\n",
        manifest.name,
        input.width,
        input.height,
        input.mean,
        input.std,
        bundle.graph.parameters(),
        bundle.graph.macs() as f64 / 1e6,
        manifest.provenance.seed,
        manifest.provenance.trainer,
        manifest.provenance.data,
        manifest.provenance.rights,
    );
    card.push_str("| figure | value | data | split | n |\n|---|---|---|---|---|\n");
    for m in &manifest.metrics {
        let row = format!("| {} | {:.4} | {} | {} | {} |\n", m.name, m.value, m.data, m.split, m.n);
        card.push_str(&row);
    }
    card.push_str(limits);
    Ok(card)
}

fn words(task: &Task) -> (&'static str, &'static str) {
    match task {
        Task::Detect { .. } => (
            "Finds faces in a picture: boxes, scores and five points each.",
            "\n## Limits\n\n\
             Trained on press photographs, most of adults and most frontal, composed into \
             artificial scenes. Profiles, faces smaller than about 14 pixels of the 160 × 128 \
             input, heavy occlusion and darkness are found less often. Accuracy by age, skin tone \
             or gender was not measured.\n\n\
             ## Out of scope\n\nIdentifying or tracking persons; any decision about a person.\n",
        ),
        Task::Expression { .. } => (
            "Reads a face crop as one of eight facial expressions.",
            "\n## Limits\n\n\
             It names the expression a face shows, as annotators would, not what a person feels. \
             Trained on web pictures of unknown subjects, of low resolution and with noisy labels; \
             contempt, disgust and fear are rare in them and read unreliably. Accuracy by age, \
             skin tone or gender was not measured.\n\n\
             ## Out of scope\n\n\
             Inferring emotions of persons at work or in education (prohibited in the European \
             Union, Regulation 2024/1689, Article 5(1)(f)); hiring, policing, border control, \
             lie detection, medical diagnosis; any decision about a person.\n",
        ),
    }
}
