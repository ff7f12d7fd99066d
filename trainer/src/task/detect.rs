//! Face detection, learned from scenes composed anew in every epoch.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use mien_shared::{
    crop,
    detection::{self, CELL_CHANNELS, CellSpec, Detection},
    frame::Grey,
    geometry::{FivePoints, Point, Rect},
};

use mien_data::augment;
use mien_data::{
    DataError, lfw,
    scene::{Cast, Face, Portrait, Scene, Studio, portraits},
    split::Part,
};
use mien_metric::detect::Judged;

use crate::{
    arch::detector::Detector,
    export::lower::values,
    loss::detect::{self as loss, Targets},
    recipe::{Recipe, TaskRecipe},
    train::{Loss, Task, Validation},
};

/// Pictures judged at once.
const JUDGED: usize = 64;
/// Rendered heads to learn from.
const HEADS: u64 = 512;
/// Rendered heads in each of the other parts.
const HEADS_KEPT: u64 = 64;
/// One in this many environment maps is kept for each of validation and test.
const MAPS_KEPT: usize = 6;
/// False boxes per 100 pictures at which recall is quoted.
const FALSE_PER_100: f64 = 1.0;
/// Lowest score of a box that is judged at all.
const LEAST_SCORE: f32 = 0.05;
/// Overlap above which the worse of two boxes is dropped.
pub const MAX_OVERLAP: f32 = 0.4;

/// Face detection.
pub struct DetectTask {
    studio: Studio,
    scenes: usize,
    seed: u64,
    judge: Judge,
}

/// Prepared pictures, `[N, 1, 128, 160]`, and what their cells should say.
pub struct Batch {
    pixels: TensorData,
    targets: Targets,
}

/// Pictures of one part of the data that a detector is judged on.
pub struct Judge {
    /// Each portrait as a device sees it: letterboxed.
    pub portraits: Vec<Scene>,
    /// Composed scenes.
    pub scenes: Vec<Scene>,
    /// Scenes without a face.
    pub empty: Vec<Scene>,
}

impl DetectTask {
    /// The folders it reads.
    pub const DATA: &str = "lfw_expressions, polyhaven_hdri";

    /// The task `recipe` names, with `lfw_expressions` and `polyhaven_hdri` under `root`.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    ///
    /// # Panics
    /// When the recipe's task is another one.
    pub fn open(recipe: &Recipe, root: &Path) -> Result<Self, DataError> {
        let TaskRecipe::Detect { scenes, valid_scenes } = recipe.task else {
            unreachable!("the caller chose this task by the recipe's kind")
        };
        Ok(Self {
            studio: studio(root, Part::Train)?,
            scenes,
            seed: recipe.seed,
            judge: Judge::open(root, Part::Valid, valid_scenes)?,
        })
    }

    /// The scene of that number in that epoch.
    pub fn scene(&self, epoch: u32, index: usize) -> Scene {
        let mut rng = augment::rng(self.seed, epoch, index as u64);
        self.studio.scene(frame(), Cast::Any, &mut rng)
    }
}

impl Task for DetectTask {
    type Net = Detector;
    type Batch = Batch;

    fn init(&self, device: &Device) -> Detector {
        Detector::new(device)
    }

    fn samples(&self) -> usize {
        self.scenes
    }

    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Batch, DataError> {
        let mut targets = Targets::new(Detector::GRID);
        let mut images = Vec::with_capacity(indices.len());
        for &index in indices {
            let scene = self.scene(epoch, index);
            targets.push(&scene.faces, &cell_spec());
            images.push(scene.image);
        }
        Ok(Batch { pixels: pixels(images.iter()), targets })
    }

    fn loss(&self, net: &Detector, batch: Batch, device: &Device) -> Loss {
        let cells = net.forward(Tensor::from_data(batch.pixels, device));
        loss::loss(cells, batch.targets, device)
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        Some(self.scene(epoch, index).image)
    }

    fn validate(&self, net: &Detector, device: &Device) -> Validation {
        self.judge.judge(net, device)
    }
}

impl Judge {
    /// The pictures of `part`: every portrait, `count` scenes and half as many without a face.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn open(root: &Path, part: Part, count: usize) -> Result<Self, DataError> {
        let studio = studio(root, part)?;
        let compose = |cast, epoch: u32, count: usize| {
            let scene = |id| studio.scene(frame(), cast, &mut augment::rng(0, epoch, id));
            (0..count as u64).map(scene).collect()
        };
        Ok(Self {
            portraits: studio.people.iter().map(letterboxed).collect(),
            scenes: compose(Cast::Any, 0, count),
            empty: compose(Cast::Nobody, 1, count / 2),
        })
    }

    /// Judges `net`, which is in inference mode; the score is the average precision on all
    /// pictures together.
    pub fn judge(&self, net: &Detector, device: &Device) -> Validation {
        let [portraits, scenes, empty] =
            [&self.portraits, &self.scenes, &self.empty].map(|set| judged(net, set, device));
        let mut all = portraits.clone();
        all.extend(&scenes);
        all.extend(&empty);
        let score = all.average_precision();
        let min_score = all.at_false_per_100(FALSE_PER_100).min_score;
        let (p, s, e) = (portraits.at(min_score), scenes.at(min_score), empty.at(min_score));
        let values = [
            ("average_precision", score),
            ("min_score", f64::from(min_score)),
            ("portraits_recall", p.recall),
            ("portraits_false_per_100", p.false_per_100),
            ("portraits_nme", p.nme),
            ("scenes_recall", s.recall),
            ("scenes_false_per_100", s.false_per_100),
            ("scenes_nme", s.nme),
            ("empty_alarmed", e.alarmed),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Validation { score, values }
    }
}

/// The faces `net`, in inference mode, finds in each picture of [`Detector::INPUT`]'s size.
pub fn detect(net: &Detector, images: &[&Grey], device: &Device) -> Vec<Vec<Detection>> {
    let cells = net.forward(Tensor::from_data(pixels(images.iter().copied()), device));
    let [rows, cols] = Detector::GRID;
    values(cells)
        .chunks_exact(CELL_CHANNELS * rows * cols)
        .map(|cells| {
            let mut found = Vec::new();
            detection::decode(cells, Detector::GRID, &cell_spec(), &mut found);
            found
        })
        .collect()
}

/// How [`Detector`]'s cells are read while it is judged: every box of at least 5 % counts.
pub fn cell_spec() -> CellSpec {
    CellSpec { stride: Detector::STRIDE as f32, min_score: LEAST_SCORE, max_overlap: MAX_OVERLAP }
}

/// `count` scenes composed of the training part, drawn by `seed`.
///
/// # Errors
/// When a file is missing or damaged.
pub fn training_scenes(root: &Path, count: usize, seed: u64) -> Result<Vec<Grey>, DataError> {
    let studio = studio(root, Part::Train)?;
    let scene = |id| studio.scene(frame(), Cast::Any, &mut augment::rng(seed, 0, id)).image;
    Ok((0..count as u64).map(scene).collect())
}

/// A portrait as a device sees it.
pub fn letterboxed(portrait: &Portrait) -> Scene {
    let [width, height] = frame();
    let mut image = Grey::new(width, height);
    let fitted = crop::letterbox(&portrait.image, &mut image);
    let at =
        |p: Point| Point { x: p.x * fitted.scale + fitted.dx, y: p.y * fitted.scale + fitted.dy };
    let Face { rect, points } = portrait.face;
    let corner = at(Point { x: rect.x, y: rect.y });
    let rect =
        Rect { x: corner.x, y: corner.y, w: rect.w * fitted.scale, h: rect.h * fitted.scale };
    let points = FivePoints::from_array(points.to_array().map(at));
    Scene { image, faces: vec![Face { rect, points }] }
}

fn frame() -> [u32; 2] {
    [Detector::INPUT.width, Detector::INPUT.height]
}

fn studio(root: &Path, part: Part) -> Result<Studio, DataError> {
    let maps = Studio::read_maps(&root.join("polyhaven_hdri"))?;
    let of_part = |i: usize| match i % MAPS_KEPT {
        0 => part == Part::Test,
        1 => part == Part::Valid,
        _ => part == Part::Train,
    };
    let maps = maps.into_iter().enumerate().filter(|(i, _)| of_part(*i)).map(|(_, map)| map);
    let people = portraits::photographed(lfw::open(&root.join("lfw_expressions"))?, part);
    let heads = match part {
        Part::Train => portraits::rendered(0, HEADS),
        Part::Valid => portraits::rendered(1, HEADS_KEPT),
        Part::Test => portraits::rendered(2, HEADS_KEPT),
    };
    Ok(Studio { people, heads, maps: maps.collect() })
}

fn judged(net: &Detector, scenes: &[Scene], device: &Device) -> Judged {
    let mut judged = Judged::default();
    for chunk in scenes.chunks(JUDGED) {
        let images: Vec<&Grey> = chunk.iter().map(|scene| &scene.image).collect();
        for (found, scene) in detect(net, &images, device).iter().zip(chunk) {
            judged.push(found, &scene.faces);
        }
    }
    judged
}

fn pixels<'a>(images: impl ExactSizeIterator<Item = &'a Grey>) -> TensorData {
    let spec = Detector::INPUT;
    let (height, width) = (spec.height as usize, spec.width as usize);
    let shape = [images.len(), 1, height, width];
    let mut pixels = vec![0.0; images.len() * height * width];
    for (image, out) in images.zip(pixels.chunks_exact_mut(height * width)) {
        spec.normalize(image, out);
    }
    TensorData::new(pixels, shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letterboxed_portrait_keeps_its_face_on_its_pixels() {
        let points = FivePoints::from_array([Point { x: 32.0, y: 16.0 }; 5]);
        let rect = Rect { x: 16.0, y: 8.0, w: 32.0, h: 40.0 };
        let portrait = Portrait { image: Grey::new(64, 64), face: Face { rect, points } };
        let scene = letterboxed(&portrait);
        // Twice as large, 16 px from the left.
        assert_eq!((scene.image.width, scene.image.height), (160, 128));
        assert_eq!(scene.faces[0].rect, Rect { x: 48.0, y: 16.0, w: 64.0, h: 80.0 });
        assert_eq!(scene.faces[0].points.nose, Point { x: 80.0, y: 32.0 });
    }

    #[test]
    fn the_cells_of_a_known_face_are_judged_perfect() {
        let rect = Rect { x: 40.0, y: 30.0, w: 40.0, h: 50.0 };
        let at = |x, y| Point { x, y };
        let points =
            [at(50.0, 48.0), at(70.0, 47.0), at(61.0, 58.0), at(53.0, 68.0), at(68.0, 67.0)];
        let face = Face { rect, points: FivePoints::from_array(points) };
        let [rows, cols] = Detector::GRID;
        let mut cells = vec![0.0; CELL_CHANNELS * rows * cols];
        cells[..rows * cols].fill(-9.0);
        cells[7 * cols + 7] = 4.0;
        let values = detection::encode(&face.rect, &face.points, [7, 7], &cell_spec());
        for (c, value) in values.into_iter().enumerate() {
            cells[(c + 1) * rows * cols + 7 * cols + 7] = value;
        }
        let mut found = Vec::new();
        detection::decode(&cells, Detector::GRID, &cell_spec(), &mut found);
        let mut judged = Judged::default();
        judged.push(&found, &[face]);
        let figures = judged.at(0.5);
        assert!(figures.recall > 0.99 && figures.false_per_100 < 0.01 && figures.nme < 1e-4);
    }
}
